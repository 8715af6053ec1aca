FROM mcr.microsoft.com/dotnet/sdk:10.0.400 AS build
WORKDIR /source

# The lock files decide which packages are restored, as in .ci/run.
ENV CI=true
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig appsettings.json ./
COPY .config/BannedSymbols.txt .config/
COPY src/ src/
RUN dotnet publish src/HokifyMessaging.Service/HokifyMessaging.Service.csproj --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="hokify" \
      org.opencontainers.image.description="Imports job applications from hokify into an applicant database, asked by messages" \
      org.opencontainers.image.version="$VERSION"

# For the health checks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY --from=build /app .

# The image's own user, who may write nothing in /app.
USER $APP_UID
ENTRYPOINT ["dotnet", "hokify.dll"]
