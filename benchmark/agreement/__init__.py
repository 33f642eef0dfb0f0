"""How well do an LLM's labels agree with human grades, with clicks, and with each other? A diagnosis, never a label.

Beside scoring this is the one place that reads human grades; no system may import it, and nothing here is a public name
of `benchmark`.

measures/       the measures, as functions of padded arrays
resample        intervals: a bootstrap over queries
labelling       labels of any kind in one shape
judged          from judgments (best_grade: of their scale); references: from humans, clicks, the first stage
compare         two labellings; controls: the first stage in a judge's place; one_judge: one alone
crowd           human and LLM writers of another data set; crowd_measures: how they agree
build, report   the report, and its form as agreement.json; pairs: what is compared; notes: what stands beside
sections, tables, plots, page   the report as CSV, Markdown, on a terminal, and as agreement.html
"""
