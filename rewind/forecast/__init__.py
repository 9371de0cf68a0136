"""What would be recorded of a program, told without running it.

A child interpreter starts as the recorded process does, and where that one would run the program
it asks the hook itself, module by module: the forecast follows no rules of its own. What is
imported is read from the source (`imports`); nothing of the program is executed.
"""

from rewind.forecast.asking import ask
from rewind.forecast.said import Forecast, Start, Unseen

__all__ = ["Forecast", "Start", "Unseen", "ask"]
