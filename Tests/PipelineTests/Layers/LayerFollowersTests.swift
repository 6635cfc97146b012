import Explanations
import Frames
import Inference
import Tensors
import Testing

@testable import Pipeline

/// Which layers' patches are kept.
@Suite struct LayerFollowersTests {
  private func follower() -> LayerFollower {
    let follower = LayerFollower(
      "layer", LayerLayout(planar: SpatialExtent([1, 4, 2, 2])), field: nil,
      transform: InputTransform(
        height: 8, width: 8, fit: .squash, resizeTo: nil, color: .gray, scale: 1, mean: [0], std: [1]))
    let (values, input) = ([Float](repeating: 1, count: 16), [Float](repeating: 0, count: 64))
    _ = follower.take(values, of: Frame(FrameFormat(pixelFormat: .gray, width: 8, height: 8)), patchesFrom: input)
    return follower
  }

  @Test func patchesOfTheLatestLayersStayWhileThereIsRoom() {
    let size = follower().patchBytes
    #expect(size == 4 * 9 * 48 * 48 * 3)
    var followers = LayerFollowers(room: size * 2)
    func follow(_ names: [String]) { followers.follow(names) { _ in follower() } }
    func kept() -> String { "abcdefg".filter { followers[String($0)] != nil } }
    follow(["a", "b", "c", "d"])
    #expect(kept() == "abcd", "what is followed stays, whatever room there is")
    let first = followers["d"]
    follow(["e"])
    #expect(kept() == "cde")
    follow(["d"])
    #expect(kept() == "cde" && followers["d"] === first, "a follower that was kept goes on")
    follow(["f"])
    #expect(kept() == "def")
    follow([])
    #expect(kept() == "df")
  }

  @Test func layersThatCannotBeFollowedAreNotKept() {
    var followers = LayerFollowers()
    followers.follow(["nowhere"]) { _ in nil }
    followers.follow([]) { _ in nil }
    #expect(followers["nowhere"] == nil)
  }
}
