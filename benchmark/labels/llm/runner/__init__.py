"""Annotating: lists and a method on one side, a judge and a store of replies on the other."""
