// Which page shows what, which files it needs, and its script, which is loaded when the page is first asked for.

/** Route -> {load, needs: {name: file}}; the script exports render(context, files, params, id). */
export const VIEWS = {
  overview: { load: () => import("./views/overview.js"), needs: {} },
  typology: { load: () => import("./views/typology.js"), needs: { summary: "summary.json", list: "list.json" } },
  map: { load: () => import("./views/map.js"), needs: { list: "list.json" } },
  studies: { load: () => import("./views/studies.js"), needs: { list: "list.json" } },
  study: { load: () => import("./views/study.js"), needs: { list: "list.json" } },
  flow: { load: () => import("./views/flow.js"), needs: { prisma: "prisma.json" } },
  methods: { load: () => import("./views/methods.js"), needs: { summary: "summary.json", search: "search.json" } },
  history: { load: () => import("./views/history.js"), needs: { history: "history.json" } },
};
