import CSystemd
import Foundation
import Synchronization
import Telemetry

/// Tells systemd how the service is (sd_notify(3)): ready, reloading, stopping, a status text, and that the frame loops are alive.
package final class Notifier: @unchecked Sendable {
  // Safety: constant, or atomic.

  private let service: Service
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchGroup()
  /// Seconds between two signs of life; nil where systemd wants none.
  private let interval: Double?

  package init(_ service: Service) {
    self.service = service
    var microseconds: UInt64 = 0
    interval = sd_watchdog_enabled(0, &microseconds) > 0 ? Double(microseconds) * 1e-6 / 3 : nil
  }

  /// The service listens and its cameras have begun. From now on the status text and signs of life follow.
  package func ready() {
    Self.send("READY=1\nSTATUS=\(status)")
    ended.enter()
    let thread = Thread { [self] in
      run()
      ended.leave()
    }
    thread.name = "notify"
    thread.start()
  }

  /// What is said of a configuration without cameras.
  package static let idle = "no camera: add [[camera]] to the configuration, then fovea reload"

  package func reloading() {
    Self.send("RELOADING=1\nMONOTONIC_USEC=\(SystemTime().now().nanoseconds / 1000)")
  }

  package func reloaded() { Self.send("READY=1\nSTATUS=\(status)") }

  package func stopping() {
    Self.send("STOPPING=1\nSTATUS=finishing the files")
    isStopped.store(true, ordering: .relaxed)
    ended.wait()
  }

  private func run() {
    var (last, lastStatus) = ("", MonotonicTime(nanoseconds: 0))
    var lastSign = MonotonicTime(nanoseconds: 0)
    while !isStopped.load(ordering: .relaxed) {
      let now = SystemTime().now()
      if let interval, now.seconds(since: lastSign) >= interval {
        if let hung = service.hungCamera {
          ServiceLog.error(
            camera: hung, stage: "watchdog", .cameraLost,
            "\(hung): its frame loop hangs; systemd is not told that all is well")
        } else {
          Self.send("WATCHDOG=1")
          lastSign = now
        }
      }
      if now.seconds(since: lastStatus) >= 1 {
        let text = status
        if text != last { Self.send("STATUS=\(text)") }
        (last, lastStatus) = (text, now)
      }
      SystemTime().sleep(until: now.advanced(bySeconds: 0.1))
    }
  }

  /// A line for `systemctl status`: each camera with what it does.
  private var status: String {
    let parts = service.cameras.map { camera in
      guard let viewer = camera.viewer, camera.problem == nil else {
        return "\(camera.name): \(camera.problem ?? "opening")"
      }
      return "\(camera.name): \(viewer.status)\(camera.recorder?.report.problem == nil ? "" : ", not recording")"
    }
    guard !parts.isEmpty else { return Self.idle }
    return parts.joined(separator: "; ").replacing("\n", with: " ")
  }

  private static func send(_ text: String) { sd_notify(0, text) }

  /// The first of the sockets that systemd passed (sd_listen_fds(3)); nil where it passed none.
  package static var socket: Int32? {
    sd_listen_fds(1) > 0 ? SD_LISTEN_FDS_START : nil
  }
}

extension Service {
  /// Seconds that a frame loop may stand still beyond the time after which its source counts as lost.
  private static let patience = 10.0

  /// A camera whose frame loop stands still although its source gives pictures, or says that it has none.
  var hungCamera: String? {
    cameras.first { camera in
      guard let viewer = camera.viewer else { return false }
      return viewer.secondsSinceBeat > camera.settings.timeout.seconds + Self.patience
    }?.name
  }
}
