using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>What waits at the broker, and back with it.</summary>
internal sealed class QueuesModel(WaitingMessages messages, MessagesBack back, AuditLog audit, IOptions<TransportOptions> transport) : ConsolePage
{
    public bool HasBroker => transport.Value.Kind != TransportKind.InMemory;

    public IReadOnlyList<QueueState> Queues { get; private set; } = [];

    public IReadOnlyList<MessageSurvey> Surveys { get; private set; } = [];

    /// <summary>Why nothing can be shown; null where it can.</summary>
    public string? Problem { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Asked();
        if (HasBroker)
        {
            try
            {
                await LookAsync();
            }
            catch (ManagementException exception)
            {
                Problem = exception.Message;
            }
        }

        return Page();
    }

    public async Task<IActionResult> OnPostMoveAsync(string? queue, string? messageId)
    {
        const string Address = "/console/queues";
        if (!HasBroker || queue is not (ImportQueues.Error or ImportQueues.Dead))
        {
            return NotThere("There is no such queue to move messages from.", "Aus einer solchen Warteschlange kann nichts zurückgestellt werden.");
        }

        var order = new MoveBack(queue) { MessageId = string.IsNullOrEmpty(messageId) ? null : messageId };
        try
        {
            using var management = new RabbitMqManagement(transport.Value.RabbitMq);
            var state = (await management.ReadAsync(Cancel)).Single(one => one.Name == queue);
            if (order.IsChoosy && !RabbitMqManagement.MayBeLookedInto(state.Type))
            {
                return Told(T[$"{queue} counts each look at a message as a delivery, so only all of them can be moved.", $"{queue} zählt jeden Blick auf eine Nachricht als Zustellung; es können nur alle zurückgestellt werden."], Address);
            }
        }
        catch (ManagementException exception)
        {
            return Told(exception.Message, Address);
        }

        var moved = await back.MoveAsync(order, Cancel);
        if (moved.Moved > 0)
        {
            await audit.NoteAsync(Actor, Deed.MoveMessages(queue, moved.Moved), CancellationToken.None);
        }

        return Told(
            moved.Stopped is { } reason
                ? T[$"Moved {T.Number(moved.Moved)}, then stopped; no message is lost: {reason}.", $"{T.Number(moved.Moved)} zurückgestellt, dann angehalten; keine Nachricht ist verloren: {reason}."]
                : moved.Moved == 0
                    ? T["Nothing was moved: the message is not there any more; somebody may have moved it meanwhile.", "Es wurde nichts zurückgestellt: Die Nachricht ist nicht mehr da; vielleicht hat sie inzwischen jemand zurückgestellt."]
                    : T[$"Moved back to where imports are worked on: {T.Number(moved.Moved)}.", $"Zurückgestellt, dorthin, wo Importe abgearbeitet werden: {T.Number(moved.Moved)}."],
            Address);
    }

    private async Task LookAsync()
    {
        using var management = new RabbitMqManagement(transport.Value.RabbitMq);
        Queues = await management.ReadAsync(Cancel);
        var surveys = await messages.SurveyAsync(transport.Value.RabbitMq, Queues.Where(queue => ImportQueues.ForOperators.Contains(queue.Name) && queue.Ready is not 0), Cancel);
        Surveys = await messages.WithRunsAsync(surveys, Cancel);
    }
}
