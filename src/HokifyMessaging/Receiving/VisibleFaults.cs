using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// What a message takes along into the error queue about its failure, as people may be shown it: the bus writes what errors say, whoever's words they are.
/// </summary>
internal sealed class VisibleFaults : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        foreach (var (name, value) in context.ExceptionHeaders.GetAll().ToList())
        {
            if (value is string text)
            {
                var told = ErrorTexts.Without(context.Exception, text);
                context.ExceptionHeaders.Set(name, name == MessageHeaders.FaultStackTrace ? VisibleText.OfLines(told) : VisibleText.Of(told));
            }
        }

        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("visibleFaults");
}
