"""What a written answer says: a grade, a selection, a ranking, a preference; None whenever it is not certain.

An answer is read as a whole. Words around a number, a second number, a range, an identifier that is not in the list:
each makes it None, since a guess would be a label that no judge gave.
"""

from benchmark.labels.llm.parsing.answers import (
    parse_grade,
    parse_grades,
    parse_preference,
    parse_ranking,
    parse_selection,
)
from benchmark.labels.llm.parsing.refusal import refused

__all__ = ["parse_grade", "parse_grades", "parse_preference", "parse_ranking", "parse_selection", "refused"]
