"""The agencies: immutable ids; names, codes and parents from a date to a date; the functions they hold."""
