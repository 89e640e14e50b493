"""What a report and its page draw and write alike, written once: plain Python that is translated to JavaScript.

Nothing here knows of a sheet: functions of what is asked for (plain records of texts and units) and of values.
"""
