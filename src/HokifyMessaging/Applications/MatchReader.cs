namespace HokifyMessaging.Applications;

/// <summary>Reads the nested application of today's API and of 2019, which differ only in what surrounds it.</summary>
internal static class MatchReader
{
    private const string UserMissing = "is missing; an application needs its person";

    public static HokifyApplication Read(JsonMembers match, Relation relation, int unknownMembers, RecordReading reading)
    {
        var id = reading.ApplicationIdOf(match.Key("_id"), match.PathOf("_id"));
        var user = match.Object("user", "user");
        if (!user.IsPresent)
        {
            reading.Report("user", FailureCause.Missing, UserMissing);
        }
        // hokify may have erased the person's id as well; the application still says whom it means.
        var isErased = user.Flag("privacyAutoDeleted") is true;
        var given = user.Key("_id");
        var standIn = PersonId.OfApplication(id);
        var personId = isErased && (given is null || given.Equals(standIn.Value, StringComparison.OrdinalIgnoreCase))
            ? standIn
            : reading.PersonIdOf(given, user.PathOf("_id"));

        if (isErased)
        {
            return Erased(id, personId, unknownMembers);
        }

        var job = match.ObjectIfAny("job", "job");
        var lastUpdate = match.Instant(["lastupdate", "lastUpdate", "updatedAt"], out var lastUpdateField);
        return new HokifyApplication
        {
            Id = id,
            Person = UserReader.ReadPerson(user, personId),
            RelationType = relation.Type ?? (match.HasValue("job") ? RelationTypes.Job : null),
            Job = ReadJob(match, job, relation),
            Company = ReadCompany(match, job, relation),
            SourceId = relation.SourceId ?? match.Text("sourceId") ?? job.Text("sourceId"),
            ContactStage = match.Label("contactStage"),
            LikeUser = match.Label("likeuser"),
            AppliedAt = match.Instant("datematch", "dateuseraction", "applicationDate", "createdAt"),
            LastUpdate = lastUpdate,
            LastUpdateField = lastUpdateField,
            Experiences = UserReader.ReadExperiences(user),
            Educations = UserReader.ReadEducations(user),
            Skills = UserReader.ReadSkills(user),
            Attachments = UserReader.ReadAttachments(user),
            Answers = ReadAnswers(match, job),
            Record = reading.Record,
            UnknownMembers = unknownMembers,
        };
    }

    /// <summary>Nothing of an erased person may be kept, so what is left to read again are the two ids.</summary>
    private static HokifyApplication Erased(ApplicationId id, PersonId personId, int unknownMembers) => new()
    {
        Id = id,
        Person = new Person { Id = personId, PrivacyAutoDeleted = true },
        Payload = $$"""{"_id":"{{JsonEncodedText.Encode(id.Value)}}","user":{"_id":"{{JsonEncodedText.Encode(personId.Value)}}","privacyAutoDeleted":true } }""",
        UnknownMembers = unknownMembers,
    };

    /// <summary>The job may be an object, only its id, or only named by the item around the application.</summary>
    private static Job? ReadJob(JsonMembers match, JsonMembers job, Relation relation)
    {
        if (job.IsPresent)
        {
            var location = job.ObjectIfAny("location", "job.location");
            return new Job
            {
                Id = job.Id("_id", "id") ?? relation.JobId,
                Number = job.Text("jobNr"),
                Name = job.Label("name"),
                Type = job.Label("type"),
                EmploymentType = job.Label("employmenttype"),
                Fields = job.Labels("fields"),
                Location = location.IsPresent ? UserReader.LocationText(location) ?? job.Label("addressText") : job.Label("location", "addressText"),
                Wage = job.Label("wage"),
                WebUrl = job.Text("webUrl"),
                Date = job.Instant("date"),
            };
        }

        var id = match.Id("job") ?? relation.JobId;
        return id is null ? null : new Job { Id = id };
    }

    private static Company? ReadCompany(JsonMembers match, JsonMembers job, Relation relation) =>
        (CompanyOf(job, "job.company") ?? CompanyOf(match, "company")) is { } company
            ? company with { Id = company.Id ?? relation.CompanyId }
            : relation.CompanyId is { } companyId ? new Company(companyId, null) : null;

    private static Company? CompanyOf(JsonMembers owner, string path)
    {
        var company = owner.ObjectIfAny("company", path);
        if (company.IsPresent)
        {
            return new Company(company.Id("_id", "id"), company.Label("name"));
        }

        return owner.Label("company") is { } name ? new Company(null, name) : null;
    }

    /// <summary>
    /// The interview, then the yes-or-no answers of 2019, which only name their question's id. The job says which question
    /// has which external id.
    /// </summary>
    private static IReadOnlyList<InterviewAnswer> ReadAnswers(JsonMembers match, JsonMembers job)
    {
        var questions = job.List("questions", "job.questions", question => new InterviewAnswer(
            question.Id("_id"), question.Text("externalId"), question.Label("question"), null));

        var interview = match.List("interviewQuestions", "interviewQuestions", question => Complete(questions, new InterviewAnswer(
            question.Id("_id"), question.Text("externalId"), question.Label("question"), question.Answer("currentAnswer"))));

        var decisions = match.List("answers", "answers", answer =>
        {
            var asked = answer.ObjectIfAny("question", "answers.question");
            return Complete(questions, asked.IsPresent
                ? new InterviewAnswer(asked.Id("_id"), asked.Text("externalId"), asked.Label("question"), Decision(answer))
                : new InterviewAnswer(answer.Id("_id", "questionId"), answer.Text("externalId"), answer.Label("question"), Decision(answer)));
        });

        return decisions.Count == 0
            ? interview
            : [.. interview, .. decisions.Where(decision => !interview.Any(answer => IsSameQuestion(answer, decision)))];
    }

    private static string? Decision(JsonMembers answer) => answer.Answer("currentAnswer", "answer", "decision", "value", "text");

    private static InterviewAnswer Complete(IReadOnlyList<InterviewAnswer> questions, InterviewAnswer answer)
    {
        for (var index = 0; index < questions.Count; index++)
        {
            var question = questions[index];
            // An answer of 2019 has the question's id where others have its text.
            if ((question.QuestionId is { } id && (id == answer.QuestionId || id == answer.Question)) || IsSameText(question, answer))
            {
                return answer with
                {
                    QuestionId = question.QuestionId,
                    ExternalId = answer.ExternalId ?? question.ExternalId,
                    Question = question.Question ?? answer.Question,
                };
            }
        }

        return answer;
    }

    private static bool IsSameQuestion(InterviewAnswer one, InterviewAnswer other) =>
        (one.QuestionId is { } id && id == other.QuestionId) || IsSameText(one, other);

    private static bool IsSameText(InterviewAnswer one, InterviewAnswer other) =>
        one.Question is { } text && string.Equals(text, other.Question, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What today's API applies to; free text as far as hokify documents it.</summary>
internal static class RelationTypes
{
    public const string Job = "job";
    public const string Company = "company";
}
