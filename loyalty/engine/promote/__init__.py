"""What promotions do to a basket, and the combination of them that is best for the customer.

Pure: everything comes in as values (`scene`), everything goes out as values (`best`). Which lines a promotion
is about, what its limits leave, and how points pay are decided elsewhere.
"""

from loyalty.engine.promote.best import best
from loyalty.engine.promote.scene import Best, Candidate, Earn, Given, Purse, Scene, Spent

__all__ = ["Best", "Candidate", "Earn", "Given", "Purse", "Scene", "Spent", "best"]
