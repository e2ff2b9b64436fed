"""Great Expectations suites: incoming records, charted data, the summary to be published; how a suite is run."""
