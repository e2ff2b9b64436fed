"""What a living review is: pure functions, the ledger that remembers, and the steps that join the two.

Nothing here knows Prefect, an HTTP server or the environment at import time.
"""

__version__ = "0.1.0"
