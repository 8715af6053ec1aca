using HokifyMessaging.Service.Commands;

return await HokifyCommand.RunAsync(args);
