import sys

# The integration's end needs Home Assistant, and so its Python.
collect_ignore = [] if sys.version_info >= (3, 14) else ["test_contract.py"]
