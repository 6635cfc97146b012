import Foundation
import Telemetry
import Viewer

extension Service {
  /// What `/metrics` tells: every camera's numbers with its name, and the process's own.
  package var metrics: [MetricFamily] {
    cameras.flatMap(\.metrics) + Self.process + disk + begunEvents
  }

  private var disk: [MetricFamily] {
    var families = [MetricFamily("fovea_uptime_seconds", .gauge, "Seconds since the service began.", uptime)]
    if let free = storage.free {
      families.append(
        MetricFamily("fovea_storage_free_bytes", .gauge, "Bytes left on the disk of the recordings.", Double(free)))
    }
    return families
  }

  private var begunEvents: [MetricFamily] {
    let samples = events.begun.sorted { $0.key < $1.key }.flatMap { camera, rules in
      rules.sorted { $0.key < $1.key }.map {
        MetricFamily.Sample(labels: [("camera", camera), ("rule", $0.key)], value: Double($0.value))
      }
    }
    return [MetricFamily("fovea_events_total", .counter, "Events that began.", samples)]
  }

  /// The names that Prometheus' client libraries use.
  private static var process: [MetricFamily] {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    var families = [
      MetricFamily("process_cpu_seconds_total", .counter, "CPU seconds of this process.", cpu),
      MetricFamily(
        "process_open_fds", .gauge, "Descriptors that are open.",
        Double(max(0, Files.names(in: "/proc/self/fd").count - 2))),
    ]
    if let text = Files.contents("/proc/self/statm", limit: 4096).map({ String(decoding: $0, as: UTF8.self) }) {
      let pages = text.split(separator: " ").compactMap { Double($0) }
      if pages.count > 1 {
        families.append(
          MetricFamily(
            "process_resident_memory_bytes", .gauge, "Memory in use.", pages[1] * Double(sysconf(Int32(_SC_PAGESIZE)))))
      }
    }
    return families
  }
}

extension Camera {
  /// Its numbers, each with its name.
  var metrics: [MetricFamily] {
    let own =
      (viewer?.metrics ?? []) + [
        MetricFamily(
          "fovea_camera_up", .gauge, "1 while the camera gives pictures.", problem == nil && viewer != nil ? 1 : 0),
        MetricFamily("fovea_camera_restarts_total", .counter, "How often the camera was begun anew.", Double(restarts)),
      ] + recorded + seen
    return own.map { $0.labelled([("camera", name)]) }
  }

  private var recorded: [MetricFamily] {
    guard let report = recorder?.report else { return [] }
    return [
      MetricFamily(
        "fovea_recorded_frames_total", .counter, "Frames that were written to recordings.", Double(report.frames)),
      MetricFamily(
        "fovea_recorded_files_total", .counter, "Files of recordings that were completed.", Double(report.files)),
      MetricFamily(
        "fovea_record_lost_frames_total", .counter, "Frames that the disk was too slow or too full for.",
        Double(report.lost)),
      MetricFamily("fovea_record_failed", .gauge, "1 while recording is not possible.", report.problem == nil ? 0 : 1),
    ]
  }

  private var seen: [MetricFamily] {
    guard let viewer, let statistics = watch?.latest else { return [] }
    let model = [("model", viewer.modelName)].map { (name: $0.0, value: $0.1) }
    let layer = model + [(name: "layer", value: statistics.layer)]
    return [
      MetricFamily(
        "fovea_class_confidence", .gauge, "The best class's confidence in the latest analysis.", statistics.confidence
      )
      .labelled(model),
      MetricFamily(
        "fovea_class_entropy", .gauge, "Entropy in bits of the class probabilities of the latest analysis.",
        statistics.entropy
      )
      .labelled(model),
      MetricFamily(
        "fovea_activation_drift", .gauge,
        "Mean distance of a layer's units from their running means on this camera, in standard deviations.",
        statistics.drift
      ).labelled(layer),
      MetricFamily(
        "fovea_dead_units", .gauge, "Units of the layer that have not fired since the camera began.",
        Double(statistics.deadUnits)
      ).labelled(layer),
      MetricFamily("fovea_units", .gauge, "Units of the layer.", Double(statistics.units)).labelled(layer),
    ]
  }
}

extension Service {
  /// 200 while every camera gives pictures, else 503 with the reasons.
  var readiness: HTTPResponse {
    let lines = cameras.map { camera in
      "\(camera.name): \(camera.viewer == nil ? camera.problem ?? "is being opened" : camera.problem ?? "ok")"
    }
    let isReady = cameras.allSatisfy { $0.viewer != nil && $0.problem == nil }
    return .text(lines.joined(separator: "\n") + "\n", status: isReady ? 200 : 503)
  }
}
