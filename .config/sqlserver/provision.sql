-- Makes the service's database and login on SQL Server 2019 or newer, and gives the login the rights that it needs. Doing it again changes nothing.
-- An administrator of the server runs it before the first "hokify migrate": through provision.sh, or with sqlcmd or in SSMS's SQLCMD mode. Its variables are
-- Database, Login, Password and Schema, with each ' in them doubled; set them by :setvar or in sqlcmd's environment, never by -v, where others see the password.
--
-- Two kinds of users. Whoever migrates is an administrator of the database and makes tables. The service reads and writes their rows and can neither
-- change the schema nor give away rights:
--   SELECT, INSERT, UPDATE and DELETE for its tables; a bulk load that checks constraints and fires triggers, as the service's do, takes INSERT and SELECT;
--   UPDATE for its sequences, which is what NEXT VALUE FOR takes.
-- Everybody has the rest: temporary tables, the row of the own database in sys.databases, and what the catalog says of tables on which one has a right.
--
-- The rights are on the schema, so that what a later migration makes has them as soon as it is there; __EFMigrationsHistory has them, too: whoever may
-- delete all applicants does no more harm there. db_datareader and db_datawriter would reach all schemas. So the schema has to be the service's alone: dbo,
-- in a database of its own, or else one of its own, and then whoever migrates has that as the default schema (an administrator of the server always has dbo).

:on error exit
SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
SET XACT_ABORT, NOCOUNT ON;
GO

-- A name that is too long would be cut off, and be another one.
IF LEN(N'$(Database)') NOT BETWEEN 1 AND 128 OR LEN(N'$(Login)') NOT BETWEEN 1 AND 128 OR LEN(N'$(Password)') NOT BETWEEN 1 AND 128 OR LEN(N'$(Schema)') NOT BETWEEN 1 AND 128
    THROW 50001, N'Database, Login, Password and Schema must have 1 to 128 characters each.', 1;
IF IS_SRVROLEMEMBER(N'sysadmin', N'$(Login)') = 1
    THROW 50002, N'Login names an administrator of the server; the service needs a login of its own.', 1;
GO

-- Readers that do not wait for writers: as EF Core has it for a database that it makes.
DECLARE @database sysname = N'$(Database)', @statement nvarchar(max);
IF DB_ID(@database) IS NULL
BEGIN
    SET @statement = N'CREATE DATABASE ' + QUOTENAME(@database) + N';';
    EXEC sys.sp_executesql @statement;
    SET @statement = N'ALTER DATABASE ' + QUOTENAME(@database) + N' SET READ_COMMITTED_SNAPSHOT ON;';
    EXEC sys.sp_executesql @statement;
END
ELSE IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID(@database) AND is_read_committed_snapshot_on = 0)
    PRINT N'The database was there already, without READ_COMMITTED_SNAPSHOT. Setting it is recommended, when nobody is connected: otherwise whoever looks at runs waits for imports.';
GO

-- In a schema where others have tables, the service would have rights on those.
DECLARE @database sysname = N'$(Database)', @schema sysname = N'$(Schema)';
DECLARE @there nvarchar(300) = QUOTENAME(@database) + N'.sys.sp_executesql', @create nvarchar(max) = N'CREATE SCHEMA ' + QUOTENAME(@schema) + N' AUTHORIZATION dbo;';
EXEC @there
    N'IF SCHEMA_ID(@schema) IS NULL EXEC (@create);
    IF DATABASE_PRINCIPAL_ID(N''hokify_service'') IS NULL AND OBJECT_ID(QUOTENAME(@schema) + N''.ImportRun'') IS NULL
        AND EXISTS (SELECT 1 FROM sys.tables WHERE schema_id = SCHEMA_ID(@schema))
        THROW 50003, N''The schema has tables, and none of them is the service''''s: name a database of the service''''s own, or another schema.'', 1;',
    N'@schema sysname, @create nvarchar(max)', @schema, @create;
GO

-- A password that is the same is not set again: the server may refuse one that it has had.
DECLARE @database sysname = N'$(Database)', @login sysname = N'$(Login)', @password nvarchar(128) = N'$(Password)', @statement nvarchar(max);
IF SUSER_ID(@login) IS NULL
BEGIN
    SET @statement = N'CREATE LOGIN ' + QUOTENAME(@login) + N' WITH PASSWORD = N''' + REPLACE(@password, N'''', N'''''')
        + N''', DEFAULT_DATABASE = ' + QUOTENAME(@database) + N', CHECK_POLICY = ON, CHECK_EXPIRATION = OFF;';
    EXEC sys.sp_executesql @statement;
END
ELSE IF NOT EXISTS (SELECT 1 FROM sys.sql_logins WHERE sid = SUSER_SID(@login) AND PWDCOMPARE(@password, password_hash) = 1)
BEGIN
    SET @statement = N'ALTER LOGIN ' + QUOTENAME(@login) + N' WITH PASSWORD = N''' + REPLACE(@password, N'''', N'''''') + N''';';
    EXEC sys.sp_executesql @statement;
END
GO

-- A database that was brought from another server has a user whose login is not here.
DECLARE @database sysname = N'$(Database)', @login sysname = N'$(Login)', @schema sysname = N'$(Schema)';
DECLARE @there nvarchar(300) = QUOTENAME(@database) + N'.sys.sp_executesql',
    @create nvarchar(max) = N'CREATE USER ' + QUOTENAME(@login) + N' FOR LOGIN ' + QUOTENAME(@login) + N' WITH DEFAULT_SCHEMA = ' + QUOTENAME(@schema) + N';',
    @change nvarchar(max) = N'ALTER USER ' + QUOTENAME(@login) + N' WITH LOGIN = ' + QUOTENAME(@login) + N', DEFAULT_SCHEMA = ' + QUOTENAME(@schema) + N';';
EXEC @there
    N'IF DATABASE_PRINCIPAL_ID(@login) IS NULL EXEC (@create);
    ELSE IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @login AND sid = SUSER_SID(@login) AND default_schema_name = @schema) EXEC (@change);',
    N'@login sysname, @schema sysname, @create nvarchar(max), @change nvarchar(max)', @login, @schema, @create, @change;
GO

DECLARE @database sysname = N'$(Database)', @login sysname = N'$(Login)';
DECLARE @there nvarchar(300) = QUOTENAME(@database) + N'.sys.sp_executesql', @add nvarchar(max) = N'ALTER ROLE hokify_service ADD MEMBER ' + QUOTENAME(@login) + N';';
EXEC @there
    N'IF DATABASE_PRINCIPAL_ID(N''hokify_service'') IS NULL CREATE ROLE hokify_service AUTHORIZATION dbo;
    IF ISNULL(IS_ROLEMEMBER(N''hokify_service'', @login), 0) = 0 EXEC (@add);',
    N'@login sysname, @add nvarchar(max)', @login, @add;
GO

DECLARE @database sysname = N'$(Database)', @schema sysname = N'$(Schema)';
DECLARE @there nvarchar(300) = QUOTENAME(@database) + N'.sys.sp_executesql',
    @grant nvarchar(max) = N'GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::' + QUOTENAME(@schema) + N' TO hokify_service;';
EXEC @there @grant;
GO
