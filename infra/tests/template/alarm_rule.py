"""The rule of an alarm, evaluated over metric values as CloudWatch does.

Source: CloudWatch User Guide, "How alarm state is evaluated when data is missing". A window is the last EvaluationPeriods
periods; a period without a value is missing. The alarm fires if DatapointsToAlarm periods breach the threshold. Missing
periods count as TreatMissingData says; with `ignore` the state stays unless the values in the window decide it.
"""

import re

OK, ALARM = "OK", "ALARM"

_AGGREGATES = {"Sum": sum, "SUM": sum, "Minimum": min, "MIN": min, "Maximum": max, "MAX": max, "SampleCount": len}

_COMPARISONS = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


class AlarmRule:
    """The rule of an alarm whose properties are evaluated (`Values.of`)."""

    def __init__(self, properties):
        self.metrics, aggregate, self.period = _watched(properties)
        # A percentile of the samples of a test is their maximum.
        self.aggregate = max if aggregate.startswith("p") else _AGGREGATES[aggregate]
        self.window = properties["EvaluationPeriods"]
        self.needed = properties.get("DatapointsToAlarm", self.window)
        self.compare = _COMPARISONS[properties["ComparisonOperator"]]
        self.threshold = properties["Threshold"]
        self.missing = properties["TreatMissingData"]

    def states(self, samples, end):
        """The state after each period until `end`, from (second, value) pairs of the alarm's metrics together."""
        states, state = [], OK
        for last in range(end // self.period):
            first = max(0, last - self.window + 1)
            periods = [self._value(samples, period) for period in range(first, last + 1)]
            state = self._next(state, periods)
            states.append(state)
        return states

    def _value(self, samples, period):
        inside = [value for second, value in samples if second // self.period == period]
        if not inside:
            return None
        return self.aggregate(inside)

    def _next(self, state, periods):
        present = [value for value in periods if value is not None]
        breaching = sum(self.compare(value, self.threshold) for value in present)
        if self.missing == "breaching":
            breaching += len(periods) - len(present)
        if breaching >= self.needed:
            return ALARM
        undecided = breaching == len(present)
        if self.missing == "ignore" and undecided:
            return state
        return OK


def _watched(properties):
    """The names of the metrics that an alarm watches, their statistic, and its period in seconds."""
    if "MetricName" in properties:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        return {properties["MetricName"]}, statistic, properties["Period"]
    queries = properties["Metrics"]
    if len(queries) == 1:
        statistic, metric = re.match(r"SELECT (\w+)\((\w+)\) ", queries[0]["Expression"]).groups()
        return {metric}, statistic, queries[0]["Period"]
    total, *parts = queries
    assert total["Expression"] == "SUM(METRICS())", total
    assert all(part["MetricStat"]["Stat"] == "Sum" for part in parts)
    return {part["MetricStat"]["Metric"]["MetricName"] for part in parts}, "Sum", parts[0]["MetricStat"]["Period"]
