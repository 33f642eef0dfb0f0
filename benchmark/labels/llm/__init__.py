"""Labels by language models: prompts, methods of asking, judges that answer, judgments, and list labels made of these.

Import from the modules. Reading judgments and making labels of them needs no language model.
"""
