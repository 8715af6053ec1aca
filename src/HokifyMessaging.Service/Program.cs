using HokifyMessaging.Service.Commands;

// First of all: from here on SIGTERM is a wish that is granted, and not the end of the process where it stands.
var told = Termination.Listen();
return await HokifyCommand.RunAsync(args, told);
