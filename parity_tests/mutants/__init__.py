"""Wrong versions of numpy_nn, one bug each, which the suite must tell from the right one."""

from parity_tests.mutants.engine import Mutant, planted
from parity_tests.mutants.verdict import CRASHED, KILLED, SURVIVED, Row, catalogue, kill, matrix, run, verdict

__all__ = ["CRASHED", "KILLED", "SURVIVED", "Mutant", "Row", "catalogue", "kill", "matrix", "planted", "run", "verdict"]
