// Which page shows what, and which files it needs.
import { flow } from "./views/flow.js";
import { history } from "./views/history.js";
import { map } from "./views/map.js";
import { methods } from "./views/methods.js";
import { overview } from "./views/overview.js";
import { studies } from "./views/studies.js";
import { study } from "./views/study.js";
import { typology } from "./views/typology.js";

/** Route -> {render(context, files, params, id), needs: {name: file}}. */
export const VIEWS = {
  overview: { render: overview, needs: {} },
  typology: { render: typology, needs: { summary: "summary.json", list: "list.json" } },
  map: { render: map, needs: { list: "list.json" } },
  studies: { render: studies, needs: { list: "list.json" } },
  study: { render: study, needs: { list: "list.json" } },
  flow: { render: flow, needs: { prisma: "prisma.json" } },
  methods: { render: methods, needs: { summary: "summary.json", search: "search.json" } },
  history: { render: history, needs: { history: "history.json" } },
};
