import AllocationCounter
import Explanations
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Synchronization
import Telemetry
import Tensors
import Testing

/// Notes how many allocations the presenting thread has made when each frame is written.
private final class CountingSink: FrameSink {
  var counts: [Int]

  init(frames: Int) {
    counts = []
    counts.reserveCapacity(frames)
  }

  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {}
  func write(_ frame: Frame) throws { counts.append(fovea_thread_allocation_count()) }
  func write(_ packet: any CompanionPacket) throws {}
  func finish() throws {}
  func abort() {}
}

@Suite(.serialized) struct SteadyStateTests {
  @Test func theCounterSeesAllocations() {
    let before = fovea_allocation_count()
    let array = [Int](repeating: 1, count: Int.random(in: 1000...2000))
    #expect(fovea_allocation_count() > before && array.count >= 1000)
  }

  #if !DEBUG
    /// Only the optimiser keeps temporary values off the heap, so this holds in release builds.
    /// Each thread's own allocations count, since other tests run at the same time: of the analysing thread between two
    /// runs of the network, preprocessing included, and of the presenting one.
    @Test func aFrameAllocatesNothing() throws {
      let log = AllocationLog(capacity: 3000)
      let (graph, model) = brightnessModel(log: log)
      let session = try CompiledNetwork(graph, options: NetworkOptions(threads: 1)).session(taps: ["mean"])
      var options = AnnotationOptions()
      (options.taps, options.top) = (["mean"], 2)
      let source = GreySource(count: 3000)
      let sink = CountingSink(frames: 3000)
      let painter = try OverlayPainter(
        format: source.format, model: model, layout: .overlay, style: .init(), content: titled(["mean"]))
      let job = try AnnotationJob(
        source: source, model: model, session: session,
        presentation: Presentation(painter: painter, sink: sink, data: []), options: options)
      _ = try job.run()
      for counts in [sink.counts, log.counts] {
        #expect(counts.count == 3000)
        #expect(counts[2900] - counts[1000] == 0, "allocations in 1900 frames")
      }
    }

    /// A map on every frame, drawn with all that there is to draw, in 4:2:0.
    @Test func aMapAllocatesNothing() throws {
      let log = AllocationLog(capacity: 3000)
      let (graph, model) = brightnessModel(log: log)
      let session = try CompiledNetwork(graph, options: NetworkOptions(threads: 1, isa: .best)).session()
      let explainer = try Explainer(
        MethodTable.method(named: "eigen-cam"), of: ExplainedNetwork(graph.specialized(inputs: [:])), in: session)
      let source = GreySource(count: 3000)
      let sink = CountingSink(frames: 3000)
      var style = OverlayStyle()
      (style.heat.contour, style.heat.showsPeak) = (0.5, true)
      let painter = try OverlayPainter(
        format: source.format, model: model, layout: .overlay, style: style, content: titled([]))
      let job = try AnnotationJob(
        source: source, model: model, session: session,
        presentation: Presentation(painter: painter, sink: sink, data: []), options: AnnotationOptions(),
        saliency: SaliencyStage(explainer, steadiness: .video) { "\($0)" })
      _ = try job.run()
      for counts in [sink.counts, log.counts] {
        #expect(counts.count == 3000)
        #expect(counts[2900] - counts[1000] == 0, "allocations in 1900 frames")
      }
    }

  #endif

  private func titled(_ titles: [String]) -> AnnotationContent {
    var content = AnnotationContent()
    content.layerTitles = titles
    return content
  }
}
