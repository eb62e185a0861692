"""The queue of cases that were put to a team, and the decision on each."""
