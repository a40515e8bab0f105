"""The tables, by what they are about: whoever loads one of these modules waits for its tables only. All: schema.py.

Every constraint and index has a name; migrations/ makes them, and a test compares the two. Table classes never leave
storage/. Instants are microseconds (instants.py); entries and facts exact bytes. No number is given by the database:
who writes a row knows its key, and what is a placement's has the placement in it.
"""
