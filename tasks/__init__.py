"""One Prefect task a step: the step, and what Prefect adds to it (retries, time-outs, artifacts)."""
