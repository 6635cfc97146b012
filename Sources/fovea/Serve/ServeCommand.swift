@preconcurrency import Dispatch
import Foundation
import Service
import Settings
import Telemetry
import Viewer

/// `fovea serve`: a background service with any number of cameras.
enum ServeCommand: Command {
  static let config = Option(
    "config", .file, default: "/etc/fovea/fovea.toml", short: "c", section: "Service",
    "the configuration; files in conf.d beside it are added")
  static let check = Option("check", section: "Service", "say what is wrong with the configuration, and end")

  static let spec = CommandSpec(
    name: "serve", summary: "watch cameras for months: events, recordings, metrics",
    discussion: """
      Runs every camera of the configuration: the network looks at its frames, rules make events of what it sees, and each event \
      carries its explanation: where the network looked and which units fired. Recordings and events lie in the storage's folder, \
      the page shows all cameras. SIGHUP, or 'fovea reload', applies a changed configuration; SIGTERM finishes all files.

      Under systemd: systemctl enable --now fovea. A wrong configuration ends with status 78.
      """,
    options: [config, check] + ProgramArguments.options,
    examples: [
      ("fovea serve --check", "what is wrong with /etc/fovea/fovea.toml"),
      ("fovea serve --config cameras.toml", "a configuration of one's own"),
    ])

  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let path = arguments[config]
    let configuration = try ServiceFaults.told { try ServiceConfiguration.read(path) }
    if arguments[check] {
      try ServiceFaults.told { try Service.check(configuration, standardModel: DefaultModel.path) }
      Log.info("\(path) is right: \(configuration.cameras.count) cameras")
      return
    }
    try serve(configuration, path)
  }

  private static func serve(_ configuration: ServiceConfiguration, _ path: String) throws {
    let lock = try ServiceLock(Storage(configuration.storage))
    let hang = HangClock()
    let service = try Service(configuration, path: path, clock: hang, standardModel: DefaultModel.path)
    try ServiceFaults.told { try service.check(configuration) }
    let server = try HTTPServer(try serverOptions(configuration.viewer), socket: Notifier.socket) { service.answer($0) }
    defer { server.stop() }
    let notifier = Notifier(service)
    let stop = DispatchSemaphore(value: 0)
    let signals = Signals(isUsualEnd: true) { stop.signal() }
    defer { signals.cancel() }
    let reload = ServiceSignals.reload(service, notifier, lock)
    defer { reload.cancel() }
    let debug = hang.onSignal()
    defer { debug?.cancel() }
    try service.start()
    notifier.ready()
    ServiceLog.info(
      stage: "service", .ready,
      "\(configuration.cameras.count) cameras; the page is at http://\(configuration.viewer.host):\(server.port)/")
    if configuration.cameras.isEmpty { Log.warning(Notifier.idle) }
    stop.wait()
    notifier.stopping()
    ServiceLog.info(stage: "service", .stopping, "the files are finished")
    service.stop()
  }

  private static func serverOptions(_ settings: ViewerSettings) throws -> HTTPServerOptions {
    var options = HTTPServerOptions()
    (options.host, options.port, options.allowedHosts) = (settings.host, settings.port, settings.allowedHosts)
    options.token = try settings.token?.read()
    return options
  }
}

/// Writes each fault of a configuration on a line of its own.
enum ServiceFaults {
  static func told<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ConfigurationFaults {
      for fault in error.faults { Log.error(fault.description) }
      let count = error.faults.count
      throw UserError(
        "the configuration has \(count == 1 ? "1 fault" : "\(count) faults"), so nothing was done", .configuration)
    }
  }
}

/// SIGHUP: the configuration is read again.
enum ServiceSignals {
  static func reload(_ service: Service, _ notifier: Notifier, _ lock: ServiceLock) -> any DispatchSourceSignal {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "reload"))
    source.setEventHandler {
      notifier.reloading()
      do {
        try service.reload()
        lock.note("applied")
      } catch {
        ServiceLog.error(
          stage: "service", .configurationWrong,
          "the changed configuration is not applied, all goes on as before: \(error)")
        lock.note("\(error)")
      }
      notifier.reloaded()
    }
    source.resume()
    return source
  }
}

/// The clock of the frame loops. With FOVEA_DEBUG_HANG=1 in the environment SIGUSR2 makes them hang, to try the watchdog.
final class HangClock: TimeSource, @unchecked Sendable {
  // Safety: the flag is atomic for our purpose: it is set once.
  private let lock = NSLock()
  private var isHanging = false
  private let isArmed = Files.environment("FOVEA_DEBUG_HANG") == "1"

  func now() -> MonotonicTime {
    if isArmed { while isSet { sleep(1) } }
    return SystemTime().now()
  }

  func sleep(until moment: MonotonicTime) { SystemTime().sleep(until: moment) }

  private func sleep(_ seconds: UInt32) { Foundation.sleep(seconds) }

  private var isSet: Bool {
    lock.lock()
    defer { lock.unlock() }
    return isHanging
  }

  func onSignal() -> (any DispatchSourceSignal)? {
    guard isArmed else { return nil }
    signal(SIGUSR2, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGUSR2, queue: DispatchQueue(label: "hang"))
    source.setEventHandler { [self] in
      lock.lock()
      isHanging = true
      lock.unlock()
      Log.warning("the frame loops hang now, for FOVEA_DEBUG_HANG")
    }
    source.resume()
    return source
  }
}
