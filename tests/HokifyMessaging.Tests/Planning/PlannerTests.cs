using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using static HokifyMessaging.Tests.Planning.Applications;

namespace HokifyMessaging.Tests.Planning;

public sealed class PlannerTests
{
    private readonly MemoryRows _rows = new();

    [Fact]
    public void A_new_application_creates_the_person_and_the_profile()
    {
        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a")])));

        Assert.Equal(ElementPlan.Create, plan.Candidate);
        Assert.Equal(ElementPlan.Create, plan.Profile);
        Assert.False(plan.IsRepeat);
    }

    [Fact]
    public void A_second_application_of_a_person_finds_the_person_in_the_same_batch()
    {
        var plans = _rows.Import([Application("a"), Application("b")]).Cast<ApplicationPlan.Store>().ToList();

        Assert.Equal(ElementPlan.Confirm, plans[1].Candidate);
        Assert.Equal(ElementPlan.Create, plans[1].Profile);
    }

    [Fact]
    public void The_same_application_again_is_unchanged()
    {
        _rows.Import([Application("a")]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a")])));

        Assert.Equal(ElementPlan.Unchanged, plan.Candidate);
        Assert.Equal(ElementPlan.Unchanged, plan.Profile);
    }

    [Fact]
    public void Only_the_row_that_differs_is_updated()
    {
        _rows.Import([Application("a")]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a", version: 1, profile: "other")])));

        Assert.Equal(ElementPlan.Confirm, plan.Candidate);
        Assert.Equal(ElementPlan.Update, plan.Profile);
    }

    [Fact]
    public void An_older_copy_changes_neither_row()
    {
        _rows.Import([Application("a", version: 5)]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(
            Assert.Single(_rows.Import([Application("a", version: 4, profile: "old", candidate: "old")])));

        Assert.Equal(ElementPlan.Stale, plan.Candidate);
        Assert.Equal(ElementPlan.Stale, plan.Profile);
    }

    [Fact]
    public void An_older_copy_that_names_somebody_else_does_not_bring_them_in()
    {
        _rows.Import([Application("a", "p1", version: 5)]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a", "p2", version: 4)])));

        Assert.Equal(ElementPlan.Stale, plan.Candidate);
    }

    [Fact]
    public void A_copy_without_an_instant_counts_as_the_newer_one()
    {
        _rows.Import([Application("a", version: 5)]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a", version: null, profile: "flat")])));

        Assert.Equal(ElementPlan.Update, plan.Profile);
    }

    [Fact]
    public void A_deleted_application_that_comes_back_is_updated_even_when_its_content_is_the_same()
    {
        _rows.Import([Application("a")]);
        _rows.Delete("a");
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a")])));

        Assert.Equal(ElementPlan.Update, plan.Profile);
    }

    [Fact]
    public void An_application_that_moves_to_another_person_in_a_later_run_is_updated()
    {
        _rows.Import([Application("a", "p1")]);
        _rows.EndRun();

        var plan = Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([Application("a", "p2", version: 1)])));

        Assert.Equal(ElementPlan.Create, plan.Candidate);
        Assert.Equal(ElementPlan.Update, plan.Profile);
    }

    [Fact]
    public void The_same_id_for_two_people_in_one_run_rejects_the_second_record_and_names_it()
    {
        var plans = _rows.Import([Application("a", "p1"), Application("a", "p2", profile: "other")]);

        var rejection = Assert.IsType<ApplicationPlan.Reject>(plans[1]).Rejection;
        Assert.Equal("page 1, item a, application a: _id is a duplicate id: an earlier record of this run with the same id belongs to another person; each application needs an id of its own.", rejection.Message);
        Assert.Contains("P a profile", _rows.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_id_for_two_people_in_two_batches_of_one_run_is_rejected_too()
    {
        _rows.Import([Application("a", "p1")]);

        Assert.IsType<ApplicationPlan.Reject>(Assert.Single(_rows.Import([Application("a", "p2")])));
    }

    [Fact]
    public void A_repeat_within_a_run_is_marked_and_the_newest_copy_wins()
    {
        var plans = _rows.Import([Application("a", version: 1, profile: "one"), Application("a", version: 3, profile: "three"), Application("a", version: 2, profile: "two")]);

        Assert.Equal([false, true], plans.OfType<ApplicationPlan.Store>().Select(p => p.IsRepeat));
        Assert.IsType<ApplicationPlan.Yield>(plans[2]);
        Assert.Contains("P a three", _rows.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Among_repeats_without_an_instant_the_same_one_wins_whichever_is_read_first()
    {
        var (one, other) = (Application("a", version: null, profile: "one"), Application("a", version: null, profile: "other"));
        _rows.Import([one, other]);
        var another = new MemoryRows();
        another.Import([other]);
        another.Import([one]);

        Assert.Equal(_rows.Describe(), another.Describe());
    }

    [Fact]
    public void A_copy_that_lost_before_waits_for_the_end_of_the_read()
    {
        var copies = new[] { Application("a", version: null, profile: "one"), Application("a", version: null, profile: "other") };
        _rows.Import(copies);
        _rows.EndRun();
        var rows = _rows.Describe();
        var lost = copies.Single(copy => !rows.Contains($"P a {copy.Profile.Name}", StringComparison.Ordinal));

        Assert.IsType<ApplicationPlan.Hold>(Assert.Single(_rows.Import([lost])));
        Assert.IsType<ApplicationPlan.Store>(Assert.Single(_rows.Import([lost with { IsDecided = true }])));
    }

    [Fact]
    public void An_erased_person_is_erased_and_the_rest_of_the_batch_does_not_bring_them_back()
    {
        var plans = _rows.Import([Application("a"), Application("a", version: 1, erased: true), Application("b")]);

        Assert.IsType<ApplicationPlan.Erase>(plans[1]);
        Assert.IsType<ApplicationPlan.Suppress>(plans[2]);
    }

    [Fact]
    public void An_erased_application_is_suppressed_whomever_the_rest_of_the_batch_names_beside_it()
    {
        var plans = _rows.Import([Application("a", "p1", erased: true), Application("a", "p2", version: 1)]);

        Assert.IsType<ApplicationPlan.Suppress>(plans[1]);
    }

    [Fact]
    public void A_person_erased_earlier_is_suppressed()
    {
        _rows.Import([Application("a", erased: true)]);
        _rows.EndRun();

        Assert.IsType<ApplicationPlan.Suppress>(Assert.Single(_rows.Import([Application("c", version: 9)])));
    }

    [Fact]
    public void Planning_twice_is_planning_once() => Batches.Sample(batch =>
    {
        var rows = new MemoryRows();
        rows.Import(batch);
        var once = rows.Describe();
        rows.EndRun();

        var again = rows.Import(batch);

        Assert.Equal(once, rows.Describe());
        Assert.All(again.OfType<ApplicationPlan.Store>(), plan =>
        {
            Assert.True(plan.Candidate is ElementPlan.Unchanged or ElementPlan.Stale);
            Assert.True(plan.Profile is ElementPlan.Unchanged or ElementPlan.Stale);
        });
    });

    [Fact]
    public void Any_interleaving_of_pages_with_repeats_gives_the_same_rows() =>
        Gen.Select(Batches, Gen.Int[0, int.MaxValue], Gen.Int[1, 7]).Sample((batch, seed, pageSize) =>
        {
            var random = new Random(seed);
            var (inOrder, shuffled) = (new MemoryRows(), new MemoryRows());
            inOrder.Import(batch);

            var repeated = batch.Concat(batch.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(repeated);
            foreach (var page in repeated.Chunk(pageSize))
            {
                shuffled.Import(page);
            }

            Assert.Equal(inOrder.Describe(), shuffled.Describe());
        });

    [Fact]
    public void The_books_close_behind_every_batch_and_a_dry_run_of_it_counts_the_same() =>
        Gen.Select(Batches, Batches).Sample((before, batch) =>
        {
            var (rows, dry) = (new MemoryRows(), new MemoryRows(dryRun: true));
            rows.Import(before);
            rows.EndRun();
            dry.TakeRowsOf(rows);

            rows.Import(batch);
            dry.Import(batch);

            Accounting.Closes(ImportResults.Of(rows.Tally, TimeSpan.Zero));
            Assert.Equal(rows.Tally.ToJson(), dry.Tally.ToJson());
        });

    [Fact]
    public void A_dry_run_over_several_batches_creates_a_person_once()
    {
        var dry = new MemoryRows(dryRun: true);
        dry.Import(Application("a"));
        dry.Import(Application("b"));

        Assert.Equal((1, 1, 2), (dry.Tally.Created["Candidate"], dry.Tally.Unchanged["Candidate"], dry.Tally.Created["CandidateProfile"]));
    }

    /// <summary>
    /// Copies of a few applications of a few people. An application has one owner, and no two of its copies have the same
    /// instant: of two different copies of one instant the last one read wins, and then the order is part of the input.
    /// </summary>
    private static readonly Gen<MappedApplication[]> Batches =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 8], Gen.Int[0, 2]).Array[1, 12].Select(copies => copies
            .DistinctBy(copy => (copy.Item1, copy.Item2))
            .Select(copy => Application(
                $"a{copy.Item1}", $"p{copy.Item1 % 3}", copy.Item2, $"profile{copy.Item3}", $"candidate{(copy.Item2 + copy.Item3) % 3}"))
            .ToArray());
}
