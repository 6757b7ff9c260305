"""Each alarm fires for values that must fire it, and does not for values that must not."""

import copy
import random

import pytest

from alarm_rule import ALARM, OK, AlarmRule
from cloudformation import PSEUDO, Values, resources

HOUR, DAY = 3600, 86_400
INTERVALS = ["15m", "30m", "1h", "2h"]

# The longest time that an alarm over a Metrics Insights query may look back, in seconds.
LONGEST_LOOK_BACK = 3 * HOUR

# For each alarm: the metric, a value that fires it and one that does not. The value is measured by one sweep (or once in
# five minutes, for the metrics of AWS).
SINGLE_VALUES = {
    "MinterInDanger": ("MinterRemaining", 14 * DAY - 1, 14 * DAY),
    "AccessTokenEnding": ("OldestAccessTokenRemaining", 2 * DAY - 1, 2 * DAY),
    "DataSourceEnding": ("DataSourcesEnding", 1, 0),
    "RecordsUnreadable": ("Unreadable", 1, 0),
    "ListingCut": ("ListingCutShort", 1, 0),
    "StoreRefused": ("StoreRefused", 1, 0),
    "EventsNotSent": ("EventsNotSent", 1, 0),
    "NoticesUndelivered": ("ApproximateNumberOfMessagesVisible", 1, 0),
    "FenceFellBack": ("FenceFallbacks", 1, 0),
    "RetiredUnannounced": ("RetiredUnannounced", 1, 0),
    "RetirementsHeld": ("RetirementsHeld", 4, 0),
    "MinterRefused": ("MinterRefused", 1, 0),
    "LiveTokensMany": ("LiveTokens", 600, 599),
    "RefreshTokenNotRising": ("RefreshTokenNotRising", 1, 0),
    "RefresherFails": ("Errors", 1, 0),
    "WebhookFails": ("Url5xxCount", 6, 5),
    "VendFails": ("Url5xxCount", 6, 5),
    "VendOidcFails": ("Url5xxCount", 6, 5),
    "ProbeTokenDead": ("ProbeTokenDead", 1, 0),
    "ProbeNotRefused": ("ProbeNotRefused", 1, 0),
    "DeadLettersWait": ("ApproximateNumberOfMessagesVisible", 1, 0),
    "Throttled": ("Throttles", 1, 0),
}

# Alarms that need more than one value have tests of their own.
SEVERAL_VALUES = {"GrantsFailing", "SweepDefers", "SweepMissing", "VendSlow", "ProbeNoToken", "ProbeMissing"}

STACK, OTHER_STACK = PSEUDO["AWS::StackName"], "another-stack"


@pytest.fixture
def rule(template):
    """A function that returns the rule of an alarm for some parameters."""
    def read(name, **parameters):
        values = Values(template, OidcIssuers="[]", ProbeGrant="reports/acorn", **parameters)
        return AlarmRule(values.of(resources(template, "CloudWatch::Alarm")[name]))
    return read


def sweeps(template, interval, count, seed):
    """The seconds at which `count` sweeps happen: somewhere in the window of the schedule, which begins at any time."""
    chance = random.Random(seed)
    mapping = template["Mappings"]["Sweep"][interval]
    start = chance.randrange(mapping["Seconds"])
    return [start + number * mapping["Seconds"] + chance.randrange(60 * mapping["Window"] + 1) for number in range(count)]


def end_of(times):
    """A time after the last sweep when the periods with its value are over, and before another one would be due."""
    return times[-1] + 900


def test_every_alarm_has_a_test_of_its_rule(template):
    assert set(resources(template, "CloudWatch::Alarm")) == set(SINGLE_VALUES) | SEVERAL_VALUES


@pytest.mark.parametrize("name", SINGLE_VALUES)
def test_alarm_fires_at_its_threshold_only(rule, name):
    metric, fires, does_not = SINGLE_VALUES[name]
    alarm = rule(name)
    assert alarm.metrics == {metric}
    assert alarm.states([(0, fires)], alarm.period) == [ALARM]
    assert alarm.states([(0, does_not)], alarm.period) == [OK]
    assert alarm.states([], alarm.period) == [OK]


@pytest.mark.parametrize("name", SINGLE_VALUES)
def test_alarm_ends_after_its_cause(rule, name):
    _, fires, does_not = SINGLE_VALUES[name]
    alarm = rule(name)
    periods = alarm.window + 1
    later = [(period * alarm.period, does_not) for period in range(1, periods)]
    assert alarm.states([(0, fires), *later], periods * alarm.period)[-1] == OK


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", ["ListingCut", "StoreRefused", "RetirementsHeld", "MinterRefused", "LiveTokensMany"])
def test_alarm_stays_on_between_sweeps_that_all_fire_it(template, rule, name, interval):
    _, fires, _ = SINGLE_VALUES[name]
    for seed in range(50):
        times = sweeps(template, interval, 10, seed)
        states = rule(name, SweepInterval=interval).states([(time, fires) for time in times], times[-1])
        first = states.index(ALARM)
        assert set(states[first:]) == {ALARM}, f"seed {seed}"


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", ["GrantsFailing", "SweepDefers"])
def test_alarm_fires_after_two_failing_sweeps(template, rule, name, interval):
    alarm = rule(name, SweepInterval=interval)
    for seed in range(200):
        times = sweeps(template, interval, 5, seed)
        # With an interval of 15 minutes, two sweeps may lie in one period: then the third one fires the alarm.
        failing = 3 if interval == "15m" else 2
        healthy = [(time, 0) for time in times[:-failing]]
        samples = healthy + [(time, 3) for time in times[-failing:]]
        assert alarm.states(samples, end_of(times))[-1] == ALARM, f"seed {seed}"


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", ["GrantsFailing", "SweepDefers"])
def test_alarm_stays_on_until_a_sweep_succeeds(template, rule, name, interval):
    alarm = rule(name, SweepInterval=interval)
    for seed in range(200):
        times = sweeps(template, interval, 12, seed)
        samples = [(time, 3) for time in times[:-4]] + [(time, 0) for time in times[-4:]]
        states = alarm.states(samples, end_of(times))
        first = states.index(ALARM)
        last_failure = times[-5] // 900
        assert set(states[first:last_failure]) == {ALARM}, f"seed {seed}"
        assert states[-1] == OK, f"seed {seed}"


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", ["GrantsFailing", "SweepDefers"])
def test_alarm_does_not_fire_after_one_failing_sweep(template, rule, name, interval):
    alarm = rule(name, SweepInterval=interval)
    for seed in range(200):
        times = sweeps(template, interval, 9, seed)
        samples = [(time, 3 if number == 4 else 0) for number, time in enumerate(times)]
        assert set(alarm.states(samples, end_of(times))) == {OK}, f"seed {seed}"


@pytest.mark.parametrize("interval", INTERVALS)
def test_no_sweep_fires_after_two_intervals_without_one(template, rule, interval):
    alarm = rule("SweepMissing", SweepInterval=interval)
    for seed in range(200):
        times = sweeps(template, interval, 10, seed)
        samples = [(time, 400) for time in times]
        seconds = template["Mappings"]["Sweep"][interval]["Seconds"]
        regular = alarm.states(samples, times[-1] // seconds * seconds)
        assert ALARM not in regular[2:], f"seed {seed}"
        stopped = alarm.states(samples, times[-1] + 3 * seconds)
        assert stopped[-1] == ALARM, f"seed {seed}"


@pytest.mark.parametrize("interval", ["5m", "15m", "1h"])
def test_probe_without_a_token_fires_the_second_time(template, rule, interval):
    alarm = rule("ProbeNoToken", ProbeInterval=interval)
    assert alarm.metrics == {"ProbeNoToken"}
    assert alarm.period == template["Mappings"]["Probe"][interval]["Seconds"]
    assert alarm.period * alarm.window <= LONGEST_LOOK_BACK
    states = {pattern: alarm.states([(at * alarm.period, failed) for at, failed in enumerate(pattern)], 3 * alarm.period)[-1]
              for pattern in [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 0, 0)]}
    assert states == {(0, 0, 1): OK, (1, 0, 1): ALARM, (0, 1, 1): ALARM, (1, 0, 0): OK}
    assert alarm.states([], 3 * alarm.period)[-1] == OK, "no probe is another alarm"


def test_probes_that_stop_or_find_out_nothing_fire_an_alarm(rule):
    alarm = rule("ProbeMissing")
    assert alarm.metrics == {"ProbeNotRefused"}
    assert alarm.states([(0, 0), (900, 0), (1800, 1)], 2700) == [OK, OK, OK]
    assert alarm.states([(0, 0)], 1800)[-1] == OK
    assert alarm.states([(0, 0)], 2700)[-1] == ALARM


def test_vend_is_slow_after_a_quarter_of_an_hour(rule):
    alarm = rule("VendSlow")
    assert alarm.metrics == {"Duration"}
    assert alarm.states([(0, 2001), (300, 2001), (600, 2001)], 900)[-1] == ALARM
    assert alarm.states([(0, 2001), (300, 1999), (600, 2001)], 900)[-1] == OK


@pytest.mark.parametrize(("life", "healthy"), [("14d", 7 * DAY), ("12h", 6 * HOUR)])
def test_access_token_alarm_goes_by_the_share_of_life(rule, life, healthy):
    """A pair is renewed at half of its access token's life: what is left then must not fire the alarm."""
    alarm = rule("AccessTokenEnding", ShortestTokenLife=life)
    assert alarm.states([(0, healthy)], alarm.period) == [OK]
    assert alarm.states([(0, healthy // 4)], alarm.period) == [ALARM]


def lines(contract, alarm, stack, **values):
    """What a stack's functions print in each period that the alarm looks at, if `values` are measured in each of them."""
    printed = []
    for period in range(alarm.window):
        line = copy.deepcopy(contract["metric_line"]) | {"stack": stack} | values
        line["_aws"]["Timestamp"] = 1000 * period * alarm.period
        printed.append(line)
    return printed


def test_alarms_ignore_the_metrics_of_another_stack(rule, contract):
    own_metrics = {metric["name"] for metric in contract["metrics"]}
    cases = SINGLE_VALUES | {"GrantsFailing": ("Failing", 1, 0), "SweepDefers": ("Deferred", 1, 0)}
    tested = [name for name, (metric, _, _) in cases.items() if metric in own_metrics]
    assert len(tested) == 17
    for name in tested:
        metric, fires, does_not = cases[name]
        alarm = rule(name)
        end = alarm.window * alarm.period
        failing = {"app": "minter", metric: fires}
        assert alarm.states(alarm.samples(lines(contract, alarm, STACK, **failing)), end)[-1] == ALARM, name
        both = lines(contract, alarm, OTHER_STACK, **failing)
        assert set(alarm.states(alarm.samples(both), end)) == {OK}, name
        both += lines(contract, alarm, STACK, **failing | {metric: does_not})
        assert set(alarm.states(alarm.samples(both), end)) == {OK}, name


def test_sweeps_of_another_stack_do_not_hide_that_none_happens(rule, contract):
    alarm = rule("SweepMissing")
    swept = {"app": contract["no_app"], "SweepDuration": 400}
    end = alarm.window * alarm.period
    assert set(alarm.states(alarm.samples(lines(contract, alarm, STACK, **swept)), end)) == {OK}
    assert alarm.states(alarm.samples(lines(contract, alarm, OTHER_STACK, **swept)), end)[-1] == ALARM


@pytest.mark.parametrize("interval", INTERVALS)
def test_queries_look_back_three_hours_at_most(template, rule, interval):
    queries = [name for name, alarm in resources(template, "CloudWatch::Alarm").items()
               if any("SELECT" in str(query.get("Expression")) for query in alarm.get("Metrics", []))]
    assert len(queries) >= 10
    for name in queries:
        alarm = rule(name, SweepInterval=interval)
        assert alarm.period * alarm.window <= LONGEST_LOOK_BACK, name
