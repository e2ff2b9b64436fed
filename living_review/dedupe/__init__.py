"""Records -> reports: normalise, keys, candidates, compare, decide, cluster.

Links, never deletes. A new record costs the look-up of its keys, whatever the size of the ledger; a person's
link or unlink outlives every later run.
"""
