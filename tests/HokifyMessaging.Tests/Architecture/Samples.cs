// One plan that obeys the rules and many types that break them, each in its own way; see DependencyTests.
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using Microsoft.EntityFrameworkCore;

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
