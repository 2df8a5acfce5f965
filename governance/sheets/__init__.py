"""Read messy village ledgers and write official ones (mission M39). Pure Python: nothing in here imports Django.

`reader` opens a file in a child process, `tables` finds the table, `headings` maps its columns, `cells` cleans values,
`roster` judges every row of a household roster, `writer` writes ledgers, `rejects` hands refused rows back.
"""
