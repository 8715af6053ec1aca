using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

/// <summary>One good record of each generation, for tests to change.</summary>
internal static class Records
{
    public const string ApplicationId = "636b5e00a1b2c3d4e5f60001";
    public const string PersonId = "636b5e00a1b2c3d4e5f60002";

    public static JsonObject Match() => Parse("""
        {
          "_id": {"$oid": "636b5e00a1b2c3d4e5f60001"},
          "openMessages": 2,
          "dateuseraction": "2019-05-01T08:00:00.000Z",
          "likeuser": "true",
          "datecompanyaction": "2019-05-02T08:00:00.000Z",
          "likecompany": true,
          "datematch": "2019-05-01T10:00:00.000+02:00",
          "actionToken": "company",
          "lastupdate": "2019-05-03T08:30:00.500Z",
          "contactStage": "newapplicant",
          "answers": [{"question": "q-shift", "decision": true, "date": "2019-05-01T08:00:00.000Z"}],
          "user": {
            "_id": "636b5e00a1b2c3d4e5f60002",
            "displayName": "Birgit M.",
            "lastActivity": "2019-05-03T08:00:00.000Z",
            "privacyAutoDeleted": false,
            "images": {"thumbnail": "https://img.example/t.jpg", "small": null, "medium": null, "large": "https://img.example/l.jpg", "xlarge": null},
            "mode": "jobseeker",
            "language": "de",
            "general": {
              "firstName": "Birgit", "lastName": "Musterfrau", "email": "birgit@mail.example", "phone": 436601234567,
              "birthday": "1990-03-31T00:00:00.000Z", "gender": "female", "nationality": "Österreich",
              "location": {"_id": null, "name": "Hauptstraße 1, 1010 Wien", "street": "Hauptstraße", "streetNumber": "1", "district": "",
                "city": "Wien", "county": "Wien", "country": "Österreich", "code": "1010", "longitude": 16.3, "latitude": 48.2, "countryCode": "AT", "language": "de"},
              "consent": true, "consentGDPR": "ja"
            },
            "billingProfile": {"position": null, "slogan": null},
            "extras": [
              {"_id": "e1", "type": {"name": "coverLetter"}, "title": "Anschreiben", "url": "https://files.example/1.pdf", "originalName": "brief.pdf",
               "date": "2019-05-01T08:00:00.000Z", "details": "Sehr geehrte Damen und Herren", "visible": true, "antiVirusResult": {"timestamp": "2019-05-01T08:00:00.000Z", "clean": true}},
              {"_id": "e2", "type": "video", "title": "Vorstellung", "url": "https://files.example/2.mp4", "originalName": "2.mp4",
               "date": "2019-05-01T08:00:00.000Z", "details": "", "visible": true}
            ],
            "cvInfo": {
              "experiences": [
                {"_id": "x1", "title": "Kellnerin", "summary": "Service", "company": {"_id": "c9", "name": "Café Alt", "logos": null, "description": null, "coverImage": null},
                 "fields": [{"_id": "f1", "name": "Gastronomie"}], "startDate": "2015-01-01T00:00:00.000Z", "endDate": "2017-12-31T00:00:00.000Z",
                 "isCurrent": false, "isVisible": true, "selectedAsHighlight": false},
                {"_id": "x2", "title": "Köchin", "summary": "Küche", "company": {"_id": "c8", "name": "Gasthaus Neu"},
                 "fields": ["Küche"], "startDate": "2018-01", "endDate": null, "isCurrent": true, "isVisible": true, "selectedAsHighlight": true}
              ],
              "educations": [
                {"_id": "d1", "school": {"_id": "s1", "name": "HTL Wien"}, "level": {"name": "Matura"}, "sublevel": {"name": "HTL"}, "degree": {"name": "Reifeprüfung"},
                 "description": "Technik", "startDate": "2004-09-01T00:00:00.000Z", "endDate": "2009-06-30T00:00:00.000Z", "isVisible": true, "status": "completed", "selectedAsHighlight": false}
              ],
              "skills": [{"_id": "k1", "category": {"_id": "kc", "value": "Sprachen", "type": "language"}, "title": "Englisch", "text": "fließend", "order": 1, "items": [], "isVisible": true}],
              "references": [{"name": "R", "contact": "c", "order": 1, "relation": {}, "position": {}, "company": null, "address": {"name": "Wien"}, "isVisible": true}],
              "experienceSummary": [{"anything": 1}],
              "completeness": {"education": "1", "email": "1", "experience": "1", "fraction": "1", "image": "1", "location": "1", "name": "1", "phone": "1",
                "skill": "1", "minPercentage": 1, "missing": [], "percentage": 100, "readyToUse": true}
            }
          },
          "job": {
            "_id": "636b5e00a1b2c3d4e5f60003", "jobNr": 4711, "name": "Koch (m/w)", "images": {"large": "https://img.example/j.jpg"},
            "location": {"name": "1020 Wien", "city": "Wien", "code": "1020"}, "addressText": "Praterstraße 1", "owners": [{"_id": "o", "displayName": null, "images": null, "general": {"x": 1}, "billingProfile": {"position": "p", "slogan": null}}],
            "webUrl": "https://hokify.example/job/4711", "description": "Kochen", "wage": "2.100 EUR brutto", "type": "Vollzeit",
            "fields": [{"_id": "f1", "name": "Gastronomie"}, {"_id": "f2", "name": "Küche"}],
            "questions": [{"_id": "q-shift", "question": "Sind Schichten für Sie in Ordnung?", "required": true, "externalId": "SHIFT"}],
            "requiredFields": [{"any": 1}], "employmenttype": "unbefristet", "isJobOwner": true, "internal": {"any": 1},
            "company": {"_id": "636b5e00a1b2c3d4e5f60004", "name": "Gasthaus Muster", "logos": {"small": "https://img.example/c.png"}, "description": null, "coverImage": null},
            "staticMapImageUrl": "https://img.example/map.png", "selectedCandidate": false, "personalCompanyText": null, "webPreviewUrl": null,
            "date": "2019-04-01T00:00:00.000Z", "descriptionBlocks": [{"language": "de", "block1Header": null, "block1": "b", "block2Header": null, "block2": null, "block3Header": null, "block3": null, "block4Header": null, "block4": null}],
            "statsDownloadCode": "x", "defaultLanguage": "de", "openRecruiterTodos": null
          },
          "interviewQuestions": [
            {"_id": "i1", "module": "text", "moduleOptions": {}, "type": "question", "question": "Was ist Ihre Gehaltsvorstellung?", "currentAnswer": "2.400 EUR", "answerOptions": [{"type": "text", "defaultValue": null, "prefillValue": false}]},
            {"_id": "i2", "module": "text", "moduleOptions": {}, "type": "question", "question": "Frühester Eintritt?", "currentAnswer": "01.07.2019"},
            {"_id": "i3", "module": "text", "moduleOptions": {}, "type": "question", "question": "Haben Sie einen Führerschein?", "currentAnswer": "Ja, B"},
            {"_id": "i4", "module": "info", "moduleOptions": {}, "type": "information", "question": "Danke!", "currentAnswer": null}
          ]
        }
        """);

    public static JsonObject Today()
    {
        var application = Match();
        application.Remove("job");
        application["_id"] = ApplicationId;
        return new JsonObject { ["relationType"] = "job", ["relationId"] = "636b5e00a1b2c3d4e5f60003", ["sourceId"] = "hy-1", ["application"] = application };
    }

    public static JsonObject Flat() => Parse("""
        {
          "jobId": "636b5e00a1b2c3d4e5f60003", "jobSourceId": "hy-1", "matchId": "636b5e00a1b2c3d4e5f60001", "name": "Anna Maria Huber",
          "email": " Anna.Huber@Mail.example ", "hokifyMail": "a1@hokify.example", "fileProfile": "https://files.example/p.pdf", "fileCV": "https://files.example/cv.pdf",
          "additionalFiles": [{"type": "certificate", "title": "Zeugnis", "downloadUrl": "https://files.example/z.pdf"}],
          "nationality": "AT", "applicationDate": "2018-06-01T10:00:00.000Z", "phone": "+43 660 1", "birthday": "31.03.1990", "gender": "female"
        }
        """);

    public static HokifyApplication Understood(JsonNode record) =>
        ApplicationPayload.Read(record.ToJsonString(), "here").Understood();

    public static Rejection Rejected(string record) =>
        ApplicationPayload.Read(record, "here").Rejected();

    public static Rejection Rejected(JsonNode record) => Rejected(record.ToJsonString());

    public static MappedApplication Mapped(JsonNode record, MappingOptions? options = null) => Mapped(Understood(record), options);

    public static MappedApplication Mapped(HokifyApplication application, MappingOptions? options = null) =>
        new ApplicationMapping(options ?? new MappingOptions()).Map(application, "here").Understood();

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
