"""What is handed on: the forms that trainers load, made of records in one pass, and the files they are written to."""
