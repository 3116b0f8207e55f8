"""Release schedules: models as data, laid out in time, measured, compared, drawn and exported."""
