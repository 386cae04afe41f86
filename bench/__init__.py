"""Benchmarks that anyone can run: `python -m bench` prints what the agent costs beside its budgets.

Everything is measured on real processes over real HTTPS against the simulator, which is never part
of a figure. See docs/benchmarks.md for what each figure means and how far it can be trusted.
"""
