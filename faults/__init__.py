"""Faults on purpose, one row of the test plan in each file; `python -m faults` tries them and writes the table.

For development only, like bench/. The product knows nothing of it; every defect that a control brings back is put there
from here.
"""
