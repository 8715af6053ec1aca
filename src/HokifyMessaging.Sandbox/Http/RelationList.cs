using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>Today's lists: applications wrapped in the job or company that they are for.</summary>
internal sealed class RelationList(DataSet data, Snapshot snapshot, SandboxFaults faults, CallFaults struck)
{
    public Snapshot Snapshot => snapshot;

    public static Flaws FlawsOf(DataSet data, SandboxFaults faults, CallFaults struck, int index) =>
        faults.FlawsOf(data.Mandator, index, data.IdOf(index)) | (struck.UnknownMembers ? Flaws.UnknownMembers : Flaws.None);

    /// <summary>The applications of a page that counts applications.</summary>
    public IEnumerable<int> Page(Selection selection, IReadOnlySet<int>? relations, Window window) =>
        relations is null
            ? selection.Page(window.Offset, window.Limit)
            : selection.All.Where(i => relations.Contains(data.Jobs.NumberOf(i))).Skip(window.Offset).Take(window.Limit);

    /// <summary>One item per application.</summary>
    public IEnumerable<Action<Utf8JsonWriter>> Items(IEnumerable<int> page, bool inArray) => page.Select(index => new Action<Utf8JsonWriter>(json =>
    {
        var application = Application(index);
        WriteRelation(json, application.Relation);
        json.WritePropertyName("application");
        if (inArray)
        {
            json.WriteStartArray();
        }

        json.WriteTodaysApplication(application);
        if (inArray)
        {
            json.WriteEndArray();
        }

        WriteEnd(json);
    }));

    /// <summary>One item per job or company of the page, in the order in which they first occur; another page may have the same one.</summary>
    public IEnumerable<Action<Utf8JsonWriter>> Groups(IEnumerable<int> page) =>
        page.GroupBy(data.Jobs.NumberOf).SelectMany(group => Group(group.Key, group));

    /// <summary>A page that counts jobs and companies, each with all of its applications.</summary>
    public IEnumerable<Action<Utf8JsonWriter>> WholeGroups(Selection selection, IReadOnlySet<int>? relations, Window window)
    {
        var present = new bool[data.Jobs.Count];
        foreach (var index in selection.All)
        {
            present[data.Jobs.NumberOf(index)] = true;
        }

        return Enumerable.Range(0, present.Length)
            .Where(number => present[number] && (relations is null || relations.Contains(number)))
            .Skip(window.Offset)
            .Take(window.Limit)
            .SelectMany(number => Group(number, selection.All.Where(i => data.Jobs.NumberOf(i) == number)));
    }

    private IEnumerable<Action<Utf8JsonWriter>> Group(int number, IEnumerable<int> applications)
    {
        yield return json =>
        {
            WriteRelation(json, data.Jobs[number]);
            json.WriteStartArray("applications");
        };
        foreach (var index in applications)
        {
            yield return json => json.WriteTodaysApplication(Application(index));
        }

        yield return json =>
        {
            json.WriteEndArray();
            WriteEnd(json);
        };
    }

    private Application Application(int index) => data.Application(snapshot, index, FlawsOf(data, faults, struck, index));

    private static void WriteRelation(Utf8JsonWriter json, Relation relation)
    {
        json.WriteStartObject();
        json.WriteString("relationType", relation.Type);
        json.WriteString("relationId", relation.Id);
        if (relation.SourceId is { } sourceId)
        {
            json.WriteString("sourceId", sourceId);
        }
    }

    private void WriteEnd(Utf8JsonWriter json)
    {
        if (struck.UnknownMembers)
        {
            json.WriteString("relationLabel", "neu");
        }

        json.WriteEndObject();
    }
}

/// <summary>Lists around their items.</summary>
internal static class JsonSteps
{
    /// <summary>A list of the items, or, where that fault struck, an object around the list.</summary>
    public static IEnumerable<Action<Utf8JsonWriter>> List(CallFaults struck, IEnumerable<Action<Utf8JsonWriter>> items)
    {
        yield return json =>
        {
            if (struck.WrongShape)
            {
                json.WriteStartObject();
                json.WritePropertyName("data");
            }

            json.WriteStartArray();
        };
        foreach (var item in items)
        {
            yield return item;
        }

        yield return json =>
        {
            json.WriteEndArray();
            if (struck.WrongShape)
            {
                json.WriteEndObject();
            }
        };
    }
}
