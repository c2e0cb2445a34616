"""What is personal or secret in a text, and how it stays inside.

`privacy` opens a `vault` for each request. What is found: `scanning` by form, label and place, with `patterns` and the
`proofs` that each match must pass; `people` by a model; `presidio` by recognizers of others. What comes back:
`answers`.
"""
