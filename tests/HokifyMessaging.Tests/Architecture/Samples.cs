// A plan and a verb that obey the rules and many types that break them, each in its own way; see DependencyTests.
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;

#pragma warning disable CA1812, CA1822 // Never constructed, only looked at.

namespace HokifyMessaging.Tests.Architecture.Samples.Planning
{
    internal sealed record Plan(PersonId Id, IReadOnlyList<Rejection> Rejections, ImportOptions Options)
    {
        public IEnumerable<string> Fields(string prefix) => Rejections.Select(rejection => prefix + rejection.Field);
    }

    internal sealed class PlanThatWaits
    {
        public async Task<int> MakeAsync() => await Task.FromResult(1);
    }

    internal sealed class PlanThatWaitsInAnIterator
    {
        public async IAsyncEnumerable<int> MakeAsync()
        {
            await Task.Yield();
            yield return 1;
        }
    }

    internal sealed class PlanThatWaitsUnseen
    {
        public async void Make() => await new Awaitable();

        private sealed class Awaitable
        {
            public Awaiter GetAwaiter() => new();
        }

        private sealed class Awaiter : System.Runtime.CompilerServices.INotifyCompletion
        {
            public bool IsCompleted => true;

            public void OnCompleted(Action continuation) => continuation();

            public void GetResult() => OnCompleted(() => { });
        }
    }

    internal sealed class PlanWithAClock(TimeProvider clock)
    {
        public long Made => clock.GetTimestamp();
    }

    internal sealed class PlanWithAFile
    {
        private static readonly bool Exists = File.Exists("plan");

        public bool Made => Exists;
    }

    internal sealed class PlanWithAFileInALambda
    {
        public Func<bool> Make(string path) => () => new[] { path }.Any(each => File.Exists(each + path));
    }

    internal sealed class PlanWithAFileInANestedType
    {
        public object Make() => new Nested();

        private sealed class Nested
        {
            public IEnumerable<bool> Make(string path)
            {
                yield return File.Exists(path);
            }
        }
    }

    internal sealed class PlanWithANetworkInACatch
    {
        public bool Make(Func<bool> make)
        {
            try
            {
                return make();
            }
            catch (System.Net.Http.HttpRequestException)
            {
                return false;
            }
        }
    }

    internal sealed class PlanWithADatabase
    {
        public DbContext[]? Databases { get; set; }
    }

    internal sealed class PlanWithASource
    {
        public IReadOnlyDictionary<string, ReadWindow> Windows { get; } = new Dictionary<string, ReadWindow>();
    }

    internal sealed class PlanWithASourceInAnAttribute
    {
        [System.ComponentModel.TypeConverter(typeof(SourcePage))]
        public string Page { get; set; } = "";
    }

    internal sealed class PlanWithASourceAsAnArgument
    {
        public int Make() => Array.Empty<SourceException>().Length;
    }
}

namespace HokifyMessaging.Tests.Architecture.Samples.Writing
{
    internal sealed class WriterThatReads(IApplicationSource source)
    {
        public override string ToString() => $"{source}";
    }

    internal sealed class WriterThatReadsInAnAsynchronousLambda
    {
        public Func<Task<string>> Write(object row) => async () =>
        {
            await Task.Yield();
            return row is SourcePage ? "page" : "row";
        };
    }
}

namespace HokifyMessaging.Tests.Architecture.Samples.Service
{
    internal sealed class VerbThatShows(RunQueries runs)
    {
        public Func<Guid, Task<RunDetails?>> Show() => id => runs.FindAsync(id, CancellationToken.None);
    }

    internal sealed class VerbThatWrites
    {
        public IReadOnlyList<ApplicationWriter> Writers { get; } = [];
    }

    internal sealed class VerbThatReads
    {
        public bool Read(object source) => source is IApplicationSource;
    }

    internal sealed class VerbThatPlans
    {
        public Type Plan() => typeof(HokifyMessaging.Planning.Planner);
    }

    internal sealed class VerbWithARow
    {
        public string Show(object row) => ((Candidate)row).ReferenceId;
    }

    internal sealed class VerbWithADatabaseInALambda
    {
        public Func<Task<int>> Count(IDbContextFactory<DbContext> contexts) => async () =>
        {
            await using var db = await contexts.CreateDbContextAsync();
            return db.ChangeTracker.Entries().Count();
        };
    }

    internal sealed class VerbThatChangesARun(RunStore runs)
    {
        public override string ToString() => $"{runs}";
    }

    internal sealed class VerbOnTheBus(IBus bus)
    {
        public Uri Address => bus.Address;
    }

    internal sealed class VerbThatSubscribesInALambda
    {
        public Func<object, Task> Subscribe(List<string> keys) => async context =>
        {
            await Task.Yield();
            keys.Add(((ConsumeContext<HokifyImportCompleted>)context).Message.IdempotencyKey);
        };
    }

    internal sealed class VerbThatCatchesTheBus
    {
        public bool Try(Action act)
        {
            try
            {
                act();
                return true;
            }
            catch (MessageReturnedException)
            {
                return false;
            }
        }
    }

    internal sealed class VerbWithAChannel
    {
        public IEnumerable<IChannel> Channels { get; } = [];
    }
}
