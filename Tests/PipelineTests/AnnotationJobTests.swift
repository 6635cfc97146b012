import AllocationCounter
import Foundation
import Frames
import Inference
import Models
import ONNX
import Pipeline
import Telemetry
import Tensors
import Testing

/// A clock that stands still: times come out as zero and nothing waits.
private struct StoppedTime: TimeSource {
  func now() -> MonotonicTime { MonotonicTime(nanoseconds: 0) }
  func sleep(until moment: MonotonicTime) {}
}

private struct Broken: Error {}

/// Grey frames of rising brightness.
final class GreySource: FrameSource {
  static let greyFormat = FrameFormat(pixelFormat: .gray, width: 8, height: 8)
  let format = greyFormat
  let info = SourceInfo(name: "grey")
  let counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?
  private let count: Int
  private let failAt: Int?
  private let failure: any Error
  private var next = 0
  private var buffers: [PictureBuffer]

  init(count: Int, failAt: Int? = nil, failure: any Error = Broken()) {
    (self.count, self.failAt, self.failure) = (count, failAt, failure)
    buffers = (0..<32).map { _ in PictureBuffer(Self.greyFormat) }
  }

  func read(into frame: Frame) throws -> Bool {
    if next == failAt { throw failure }
    guard next < count else { return false }
    let buffer = buffers[next % buffers.count]
    let (base, stride) = buffer.planes[0]
    for row in 0..<8 { memset(base! + row * stride, Int32(next % 256), 8) }
    frame.backing = buffer
    frame.planes = buffer.planes
    frame.pts = Int64(next * 40)
    frame.sequence = UInt64(next)
    next += 1
    return true
  }

  func interrupt() {}
}

/// Remembers which calls it got.
private final class RecordingSink: FrameSink, AnalysisSink {
  var pts: [Int64?] = []
  var reports: [FrameReport] = []
  var means: [Float] = []
  var ending = ""
  private let failAt: Int?

  init(failAt: Int? = nil) { self.failAt = failAt }

  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {}
  func write(_ frame: Frame) throws {
    if pts.count == failAt { throw Broken() }
    pts.append(frame.pts)
  }
  func write(_ packet: any CompanionPacket) throws {}
  func write(_ report: FrameReport, _ analysis: Analysis) throws {
    reports.append(report)
    means.append(contentsOf: analysis.layers.prefix(1).map { $0.map(0)[0] })
  }
  func finish(_ ending: Ending) throws { self.ending += "finish" + (ending == .cutShort ? " cut" : "") }
  func salvage() -> String? {
    ending += "salvage"
    return "kept"
  }
  func abort() { ending += "abort" }
}

/// A network of two classes: [mean brightness, 1 - mean brightness].
func brightnessModel(log: AllocationLog? = nil) throws -> (Graph, Model) {
  let graph = try Graph(
    name: "brightness",
    values: [
      Value(name: "picture"), Value(name: "mean"), Value(name: "scores"), Value(name: "relu"),
    ],
    nodes: [
      Node(name: "relu", op: Relu(), inputs: [0], outputs: [3]),
      Node(name: "pool", op: GlobalAveragePool(), inputs: [3], outputs: [1]),
      Node(name: "act", op: BothWays(log: log), inputs: [1], outputs: [2]),
    ],
    inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 1, 8, 8].map { .fixed($0) })], outputs: [2]
  ).specialized(inputs: [:])
  let model = Model(
    path: "", name: "brightness", description: "", graph: graph,
    metadata: ModelMetadata(
      producer: "", producerVersion: "", irVersion: 8, opset: 17, properties: [:], documentation: ""),
    warnings: [],
    transform: InputTransform(
      height: 8, width: 8, fit: .squash, resizeTo: nil, color: .gray, scale: 1 / 255, mean: [0], std: [1]),
    labels: Labels(["bright", "dark"]), activation: .none, outputIndex: 0, settings: [])
  return (graph, model)
}

/// How many allocations the analysing thread has made, frame by frame.
final class AllocationLog: @unchecked Sendable {
  // Safety: written by the analysing thread only, read after it has ended.
  private(set) var counts: [Int] = []

  init(capacity: Int) { counts.reserveCapacity(capacity) }

  func note() { counts.append(fovea_thread_allocation_count()) }
}

/// x → [x, 1 - x].
private struct BothWays: Operator {
  let log: AllocationLog?
  let name = "BothWays"
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [TensorType(.float32, [inputs[0]!.type.shape[0], 2])]
  }
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    log?.note()
    for (picture, x) in inputs[0]!.floats.enumerated() {
      outputs[0].floats[2 * picture] = x
      outputs[0].floats[2 * picture + 1] = 1 - x
    }
  }
}

@Suite struct AnnotationJobTests {
  private func job(
    _ source: GreySource, _ sink: RecordingSink, every: Int = 1, batch: Int = 1
  ) throws -> AnnotationJob {
    let (graph, model) = try brightnessModel()
    var network = NetworkOptions()
    network.threads = 1
    let analyst = try Analyst(
      model, CompiledNetwork(graph, options: network), batch: batch, clock: StoppedTime())
    var options = AnnotationOptions()
    (options.wishes, options.every) = (Wishes(top: 2, layers: ["mean"]), every)
    var presentation = Presentation()
    (presentation.sink, presentation.data) = (sink, [sink])
    let presenter = Presenter(presentation, source: "grey", clock: StoppedTime())
    return try AnnotationJob(
      source: source, analyst: analyst, presenter: presenter, options: options, clock: StoppedTime())
  }

  /// Whole batches and the part of one at the end, and frames between those that are analysed.
  @Test(arguments: [1, 2, 8, 9, 21], [1, 3]) func aBatchChangesNothing(frames: Int, every: Int) throws {
    let (one, four) = (RecordingSink(), RecordingSink())
    let single = try job(GreySource(count: frames), one, every: every).run()
    let gathered = try job(GreySource(count: frames), four, every: every, batch: 4).run()
    #expect(single.analysed == gathered.analysed && gathered.written == frames)
    #expect(one.pts == four.pts && one.means == four.means && four.ending == one.ending)
    #expect(one.reports.map(\.frame) == four.reports.map(\.frame))
    #expect(one.reports.map(\.analysed) == four.reports.map(\.analysed))
    for (a, b) in zip(one.reports, four.reports) {
      #expect(a.top.map(\.labelId) == b.top.map(\.labelId) && a.top.map(\.confidence) == b.top.map(\.confidence))
    }
  }

  @Test func aFailureInTheMiddleOfABatchEndsTheJob() throws {
    let sink = RecordingSink()
    #expect(throws: Broken.self) { try job(GreySource(count: 50, failAt: 10), sink, batch: 4).run() }
    #expect(sink.pts.count == 10 && sink.ending == "finish cutfinish cut")
    let other = RecordingSink(failAt: 5)
    #expect(throws: UserError.self) { try job(GreySource(count: 50), other, batch: 4).run() }
    #expect(other.ending == "salvagesalvage")
  }

  @Test func everyFrameIsAnalysedAndWrittenInOrder() throws {
    let sink = RecordingSink()
    let progress = try job(GreySource(count: 256), sink).run()
    #expect(sink.pts == (0..<256).map { Int64($0 * 40) })
    #expect(sink.reports.map(\.frame) == (0..<256).map { UInt64($0) })
    // Range: an unspecified grey picture is limited-range video; brightness rises from frame to frame.
    #expect(zip(sink.means, sink.means.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(sink.reports[0].top[0].label == "dark" && sink.reports[255].top[0].label == "bright")
    #expect(sink.ending == "finishfinish")
    #expect(progress.framesIn == 256 && progress.analysed == 256 && progress.written == 256)
    #expect(abs(progress.topShares.map(\.share).reduce(0, +) - 1) < 1e-9)
  }

  @Test func everyNthIsAnalysedAndTheOthersRepeatItsResult() throws {
    let sink = RecordingSink()
    let progress = try job(GreySource(count: 25), sink, every: 10).run()
    #expect(progress.analysed == 3 && progress.written == 25)
    #expect(sink.reports.filter(\.analysed).map(\.frame) == [0, 10, 20])
    #expect(sink.means[19] == sink.means[10] && sink.means[20] > sink.means[10])
  }

  @Test func aFailingSinkKeepsWhatWasWritten() throws {
    let sink = RecordingSink(failAt: 7)
    let error = #expect(throws: UserError.self) { try job(GreySource(count: 1000), sink).run() }
    #expect(error?.description == "\(Broken()); what was written until then is in kept and kept")
    #expect(sink.ending == "salvagesalvage")
  }

  @Test func aSinkThatFailsAtOnceIsAborted() throws {
    let sink = RecordingSink(failAt: 0)
    #expect(throws: Broken.self) { try job(GreySource(count: 1000), sink).run() }
    #expect(sink.ending == "abortabort")
  }

  @Test func anInterruptionSaysSo() throws {
    let sink = RecordingSink()
    let job = try job(GreySource(count: 1000), sink)
    job.finishEarly()
    let error = #expect(throws: UserError.self) { try job.run() }
    #expect(error?.description == "the work was interrupted before the first frame, so nothing was written")
    #expect(sink.ending == "abortabort")
  }

  /// As an encrypted file does behind its clear beginning.
  @Test func anErrorThatVoidsLeavesNothing() throws {
    let sink = RecordingSink()
    let error = UserError("it is encrypted", isVoiding: true)
    #expect(throws: UserError.self) { try job(GreySource(count: 1000, failAt: 50, failure: error), sink).run() }
    #expect(sink.ending == "abortabort")
  }

  @Test func aFailingSourceLeavesWhatWasWritten() throws {
    let sink = RecordingSink()
    #expect(throws: Broken.self) { try job(GreySource(count: 1000, failAt: 50), sink).run() }
    #expect(sink.ending == "finish cutfinish cut" && sink.pts.count == 50)
  }

  @Test func aSourceThatFailsAtOnceLeavesNothing() throws {
    let sink = RecordingSink()
    #expect(throws: Broken.self) { try job(GreySource(count: 10, failAt: 0), sink).run() }
    #expect(sink.ending == "abortabort")
  }
}
