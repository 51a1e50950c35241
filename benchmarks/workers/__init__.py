"""The processes that are measured, one for each environment. They share a line protocol, and know nothing of each other.

Those of other libraries run in environments of their own, where nothing of this project is installed: whatever they
import from here needs the standard library alone.
"""
