"""How long the system takes, and how much memory: ``python -m tests.benchmarks [NAME...] [--out FILE]``.

Not run by pytest: the numbers depend on the machine and on what else it does, so no test rests on them. Each
measurement is a process of its own, on made-up records; its user CPU seconds count on a machine that others use.
"""
