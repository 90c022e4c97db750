"""The use cases, each a function of plain values; nothing here prints, listens to signals or exits."""
