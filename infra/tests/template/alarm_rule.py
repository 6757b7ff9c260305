"""The rule of an alarm, evaluated over metric values as CloudWatch does.

Source: CloudWatch User Guide, "How alarm state is evaluated when data is missing". A window is the last EvaluationPeriods
periods; a period without a value is missing. The alarm fires if DatapointsToAlarm periods breach the threshold. Missing
periods count as TreatMissingData says; with `ignore` the state stays unless the values in the window decide it.
"""

import re
from typing import NamedTuple

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
        self.watched, aggregate, self.period = _watched(properties)
        self.metrics = {series.metric for series in self.watched}
        # A percentile of the samples of a test is their maximum.
        self.aggregate = max if aggregate.startswith("p") else _AGGREGATES[aggregate]
        self.window = properties["EvaluationPeriods"]
        self.needed = properties.get("DatapointsToAlarm", self.window)
        self.compare = _COMPARISONS[properties["ComparisonOperator"]]
        self.threshold = properties["Threshold"]
        self.missing = properties["TreatMissingData"]

    def samples(self, lines):
        """The (second, value) pairs of the alarm's metrics in lines of the embedded metric format."""
        samples = []
        for line in lines:
            directive, = line["_aws"]["CloudWatchMetrics"]
            keys, = directive["Dimensions"]
            dimensions = {key: line[key] for key in keys}
            samples += [(line["_aws"]["Timestamp"] // 1000, line[series.metric]) for series in self.watched
                        if series.contains(directive["Namespace"], dimensions) and series.metric in line]
        return samples

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


class Series(NamedTuple):
    """The metrics of one name whose dimensions are `keys` and have `values`, some of them or all."""

    namespace: str
    metric: str
    keys: set
    values: dict

    def contains(self, namespace, dimensions):
        """CloudWatch compares all dimensions: a metric with one more is another metric."""
        return namespace == self.namespace and set(dimensions) == self.keys and self.values.items() <= dimensions.items()


_QUERY = re.compile(r"""SELECT (\w+)\((\w+)\) FROM SCHEMA\("(\w+)", ([\w, ]+)\) WHERE (\w+) = '([^']*)'""")


def _watched(properties):
    """The series that an alarm watches, their statistic, and its period in seconds."""
    if "MetricName" in properties:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        return [_series(properties)], statistic, properties["Period"]
    queries = properties["Metrics"]
    if len(queries) == 1:
        statistic, metric, namespace, keys, key, value = _QUERY.fullmatch(queries[0]["Expression"]).groups()
        return [Series(namespace, metric, set(keys.split(", ")), {key: value})], statistic, queries[0]["Period"]
    total, *parts = queries
    assert total["Expression"] == "SUM(METRICS())", total
    assert all(part["MetricStat"]["Stat"] == "Sum" for part in parts)
    return [_series(part["MetricStat"]["Metric"]) for part in parts], "Sum", parts[0]["MetricStat"]["Period"]


def _series(metric):
    values = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
    return Series(metric["Namespace"], metric["MetricName"], set(values), values)
