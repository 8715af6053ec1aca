using System.Text.Json.Nodes;
using HokifyMessaging.Service.Http.ExportImport;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace HokifyMessaging.Service.Http.OpenApi;

/// <summary>
/// The API's description (OpenAPI 3.1) and a page that shows it. Parameters arrive as text, so that what is wrong with them
/// can be told in a sentence; here they have the types that they are read as.
/// </summary>
internal static class ApiDescription
{
    public const string Path = "/openapi/v1.json";
    public const string PagePath = "/reference";

    /// <summary>The page is the same for everybody and shows nothing that a caller has sent, so its own inline script and styles are harmless.</summary>
    private const string PagePolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'";

    private const string KeyScheme = "ApiKey";
    private const string BearerScheme = "Bearer";

    private static readonly Dictionary<string, (string Description, OpenApiSchema Schema, JsonNode? Example)> Parameters = new(StringComparer.Ordinal)
    {
        ["scopeId"] = ("The scope (tenant).", new() { Type = JsonSchemaType.Integer, Format = "int32", Default = 1 }, 1),
        ["importMode"] = (
            "Incremental (0): what is new or changed. Full (1): everything, and what hokify no longer has is deleted softly. By name in any case, or by number.",
            new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<ImportMode>()], Default = nameof(ImportMode.Incremental) },
            null),
        ["unixSecondsFrom"] = (
            "Where an incremental import begins, in seconds since 1970-01-01 UTC; fractions count. Left out: where the scope's last import ended, minus an overlap.",
            new() { Type = JsonSchemaType.Number, Minimum = "946684800" },
            1771077762.5),
        ["dryRun"] = ("True to read, plan and count, but to write no applicant.", new() { Type = JsonSchemaType.Boolean, Default = false }, null),
        ["idempotencyKey"] = ("The same as the header Idempotency-Key.", new() { Type = JsonSchemaType.String, MaxLength = 200 }, null),
        ["requestedBy"] = (
            "On whose behalf, for operators to see: a system or a role rather than a person. Who asks is the API key's name, always; the import and its event then say "
            + "'name (on behalf of ...)', at most 200 characters in all.",
            new() { Type = JsonSchemaType.String, MaxLength = 200 }, "scheduler"),
        ["allowDeletions"] = (
            "How many applications a full import may delete although the deletion guard would refuse it: accepts once that so many are gone. Only with importMode Full.",
            new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0" }, 120),
        ["planDigest"] = (
            "Has exactly the plan applied that a dry run of the scope has made, as its completion and GET /api/imports/{id} name it. Refused, with the differences, where hokify or the database has moved since. Not with dryRun.",
            new() { Type = JsonSchemaType.String, Pattern = "^[0-9a-f]{64}$" },
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ["change"] = ("Only what would be done so.", new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<Storage.PlannedChange>()] }, null),
        ["differences"] = ("True for only that in which the plan differs from the one that was to be applied.", new() { Type = JsonSchemaType.Boolean, Default = false }, null),
        ["format"] = ("The form of the result; outranks Accept.", new() { Type = JsonSchemaType.String, Enum = ["json", "csv", "csv-excel", "xlsx"] }, null),
        ["GetCsv.format"] = ("The form of the CSV: as programs read it, or as spreadsheet programs do.", new() { Type = JsonSchemaType.String, Enum = ["csv", "csv-excel"] }, null),
        ["DownloadCsv.format"] = ("Which file of the run.", new() { Type = JsonSchemaType.String, Enum = ["csv", "csv-excel", "xlsx"] }, null),
        ["state"] = ("Only imports in this state.", new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<Storage.RunState>()] }, null),
        ["from"] = ("Only imports asked for at this time or later.", new() { Type = JsonSchemaType.String, Format = "date-time" }, "2026-03-01T04:30:00Z"),
        ["to"] = ("Only imports asked for before this time.", new() { Type = JsonSchemaType.String, Format = "date-time" }, "2026-04-01T04:30:00Z"),
        ["offset"] = ("How many of the newest to pass over.", new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0", Default = 0 }, null),
        ["limit"] = ("The most to list.", new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1" }, 50),
        ["outcome"] = ("Only records of this outcome.", new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<Runs.Queries.RecordOutcome>()] }, null),
        ["elementName"] = ("Only records of this element name.", new() { Type = JsonSchemaType.String, Enum = ["Candidate", "CandidateProfile"] }, null),
        ["referenceId"] = ("Only the record with this id at hokify.", new() { Type = JsonSchemaType.String }, "5f1d7f0b2c3e4a5b6c7d8e9f"),
        ["after"] = ("Behind which record to go on: taken from 'next' of the page before.", new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0", Default = 0 }, null),
        ["ListImports.after"] = ("Behind which import to go on, by its id: taken from 'next' of the page before. Not together with offset.", new() { Type = JsonSchemaType.String, Format = "uuid" }, null),
        ["ListErasures.after"] = ("Behind which erasure to go on, by its id: taken from 'next' of the page before.", new() { Type = JsonSchemaType.String, Format = "uuid" }, null),
        ["ListErasures.state"] = ("Only erasures in this state.", new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<Storage.ErasureState>()] }, null),
        ["ListAudit.after"] = ("Behind which entry to go on: taken from 'next' of the page before.", new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0" }, null),
        ["ListAudit.from"] = ("Only what was done at this time or later.", new() { Type = JsonSchemaType.String, Format = "date-time" }, "2026-03-01T04:30:00Z"),
        ["ListAudit.to"] = ("Only what was done before this time.", new() { Type = JsonSchemaType.String, Format = "date-time" }, "2026-04-01T04:30:00Z"),
        ["action"] = ("Only this.", new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<Storage.AuditAction>()] }, null),
        ["erasureId"] = ("The erasure's id.", new() { Type = JsonSchemaType.String, Format = "uuid" }, "019c60a5-7c00-7000-8000-5a64ed47e597"),
        ["token"] = ("The signed token of DownloadUrl.", new() { Type = JsonSchemaType.String }, null),
        ["id"] = ("The import's id.", new() { Type = JsonSchemaType.String, Format = "uuid" }, "019c60a5-7c00-7000-8000-5a64ed47e597"),
    };

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) => Describe(document));
        options.AddOperationTransformer((operation, context, _) => Describe(operation, context));
        options.AddSchemaTransformer((schema, context, _) => Describe(schema, context));
    });

    public static void MapApiDescription(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi("/openapi/{documentName:regex(^v1$)}.json").AllowAnonymous();

        // Nothing of the page comes from another machine, or goes to one.
        endpoints.MapScalarApiReference(PagePath, page => page
            .WithTitle("HokifyMessaging")
            .WithOpenApiRoutePattern(Path)
            .ExpandAllTags()
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideClientButton()
            .HideDeveloperTools())
            .AllowAnonymous()
            .WithContentPolicy(PagePolicy);
    }

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "HokifyMessaging",
            Version = ProductVersion.Text,
            Description = "Imports job applications from hokify. Every import is a message behind this API too: one idempotency key, one import. "
                + "Errors are problem details (RFC 9457); 'detail' says in a sentence what is wrong, 'parameter' where.",
        };

        // Where the service listens is no part of what it can do.
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [KeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "A key that 'hokify keys new' has made.",
            },
            [BearerScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The same key as a bearer token." },
        };
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (operation.OperationId == HokifyImportEndpoint.ByPost)
        {
            // Not by the framework's own means, which would turn away the seed's callers, who post without a content type.
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = "Instead of parameters: the same members as a message has.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = new OpenApiSchemaReference(nameof(HokifyImportRequested), context.Document) },
                },
            };
        }

        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name is { } name && (Parameters.TryGetValue($"{operation.OperationId}.{name}", out var known) || Parameters.TryGetValue(name, out known)))
            {
                (parameter.Description, parameter.Schema, parameter.Example) = (known.Description, known.Schema, known.Example?.DeepClone());
            }
        }

        string[] rights = [.. context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Select(wanted => wanted.Policy).OfType<string>()];
        if (rights.Length > 0)
        {
            operation.Description = $"{operation.Description} Needs the right{(rights.Length > 1 ? "s" : "")} {string.Join(" and ", rights.Select(right => $"'{right}'"))}.".TrimStart();
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(BearerScheme, context.Document)] = [] },
            ];
            operation.Responses ??= [];
            operation.Responses.TryAdd("401", new OpenApiResponse { Description = "The API key is missing or unknown." });
            operation.Responses.TryAdd("403", new OpenApiResponse { Description = "The API key lacks the right, or the scope." });
            operation.Responses.TryAdd("429", new OpenApiResponse { Description = "Too many requests; Retry-After says when to go on." });
            if (rights.Contains(Rights.Import))
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = IdempotencyKey.Header,
                    In = ParameterLocation.Header,
                    Description = "Names the import within its scope: the same key again never imports twice. Left out: every request is an import of its own.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 200 },
                    Example = "nightly-2026-03-01",
                });
            }
        }

        foreach (var (mediaType, content) in operation.Responses?.Values.SelectMany(response => response.Content ?? new Dictionary<string, OpenApiMediaType>()) ?? [])
        {
            if (mediaType == ResultFormat.Workbook.MediaType)
            {
                // Bytes, which no schema describes.
                content.Schema = null;
            }
            else if (content.Schema is OpenApiSchemaReference { Reference.Id: nameof(ExportImportResult) })
            {
                content.Example = ExampleResult.Json();
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Members with a converter of their own are a blank to the framework.</summary>
    private static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        switch (context.JsonPropertyInfo)
        {
            case { DeclaringType: { } type, Name: nameof(ExportImportResult.Exceptions) } when type == typeof(ExportImportResult):
                schema.Type = JsonSchemaType.Object;
                schema.AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The twelve members of a serialized exception: ClassName, Message, … WatsonBuckets." },
                };
                break;
            case { DeclaringType: { } type, PropertyType: { } value } when type == typeof(ExportImportResult) && value == typeof(IReadOnlyDictionary<string, int>):
                schema.Type = JsonSchemaType.Object;
                schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" };
                break;
            case { DeclaringType: { } type, Name: "unixSecondsFrom" } when type == typeof(HokifyImportRequested):
                schema.Type = JsonSchemaType.Number | JsonSchemaType.Null;
                break;
            case { DeclaringType: { } type, Name: "allowDeletions" } when type == typeof(HokifyImportRequested):
                (schema.Type, schema.Format, schema.Minimum) = (JsonSchemaType.Integer | JsonSchemaType.Null, "int32", "0");
                break;
            case { DeclaringType: { } type, Name: "scopeId" } when type == typeof(HokifyImportRequested):
                (schema.Type, schema.Format, schema.Default) = (JsonSchemaType.Integer, "int32", 1);
                break;
        }

        if (context.JsonTypeInfo.Type == typeof(ImportMode))
        {
            (schema.Type, schema.Enum) = (JsonSchemaType.String, [.. Enum.GetNames<ImportMode>()]);
        }

        return Task.CompletedTask;
    }
}
