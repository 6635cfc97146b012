import Foundation
import Output
import Pipeline
import Telemetry
import Viewer

/// What the network said, beside each recorded segment: JSON Lines with a heat map twice a second (Docs/JSON.md).
struct DataWriter: @unchecked Sendable {
  // Safety: one thread at a time has it.
  private static let heatPause = 0.5

  private let camera: String
  private let recorder: PacketRecorder
  private var sink: JSONLinesSink?
  private var segment: String?
  private var lastHeat: Double = -1
  private var hasFailed = false

  init(_ camera: String, _ recorder: PacketRecorder) { (self.camera, self.recorder) = (camera, recorder) }

  /// A line of the file.
  private struct Line: Encodable {
    /// Seconds since 1970, and since the segment's beginning.
    let time: Double, offset: Double
    let report: FrameReport
    @Nullable var heat: HeatReport?
  }

  mutating func write(_ moment: LiveMoment) {
    let state = recorder.report
    if state.current != segment { turn(to: state.current) }
    guard let sink, moment.isFresh, let report = moment.report else { return }
    let now = Date().timeIntervalSince1970
    var heat: HeatReport?
    if now - lastHeat >= Self.heatPause, let explanation = moment.explanation, let analysis = moment.analysis {
      heat = HeatReport(explanation, analysis)
      lastHeat = now
    }
    do {
      let offset = max(0, now - state.began)
      try sink.write(
        Line(time: now.rounded(toPlaces: 3) ?? 0, offset: offset.rounded(toPlaces: 3) ?? 0, report: report, heat: heat))
    } catch { fail(error) }
  }

  mutating func stop() { turn(to: nil) }

  /// The data of the next segment goes to another file.
  private mutating func turn(to next: String?) {
    do { try sink?.finish(.complete) } catch { fail(error) }
    (sink, segment) = (nil, next)
    guard let next, let name = Storage.finalName(of: next.lastName) else { return }
    do {
      sink = try JSONLinesSink(next.folder.appending(name: name).withoutEnding + ".jsonl", overwrite: true)
      hasFailed = false
    } catch { fail(error) }
  }

  private mutating func fail(_ error: any Error) {
    // Whole lines stay, under the name that they would have had.
    if let kept = sink?.salvage(), let name = Storage.finalName(of: kept.lastName) {
      rename(kept.fileName, kept.folder.appending(name: name).fileName)
    }
    sink = nil
    if !hasFailed {
      ServiceLog.warning(
        camera: camera, stage: "data", .recordingFailed, "\(camera): the data beside its recordings: \(error)")
    }
    hasFailed = true
  }
}

/// A heat map as data: JSON in snake case.
struct HeatReport: Encodable {
  let method: String, target: String
  let rows: Int, columns: Int
  /// Where it lies on the picture in pixels: left, top, width, height.
  let place: [Double]
  /// Row by row, a byte for each position, 255 for the hottest; base64.
  let values: String

  /// Larger maps are made smaller: this is an overview.
  private static let most = 28

  init(_ explanation: Explanation, _ analysis: Analysis) {
    (method, target) = (explanation.method.name, explanation.target)
    let placement = analysis.placement
    place = [placement.left, placement.top, placement.width, placement.height].map { ($0 * 10).rounded() / 10 }
    let shape = explanation.shown.shape
    let (height, width) = (shape[0], shape[1])
    let (rows, columns) = (min(height, Self.most), min(width, Self.most))
    (self.rows, self.columns) = (rows, columns)
    values = withExtendedLifetime(explanation) {
      let floats = explanation.shown.view.floats
      var bytes = [UInt8](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          let value = floats[(row * height / rows) * width + column * width / columns]
          bytes[row * columns + column] = UInt8(max(0, min(255, (value.isFinite ? value : 0) * 255)))
        }
      }
      return Data(bytes).base64EncodedString()
    }
  }
}
