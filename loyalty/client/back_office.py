"""The back office's client: it publishes, changes and asks, as safely as a till.

    async with Units("127.0.0.1:7400,127.0.0.1:7410") as units:
        office = BackOffice(units)
        answer = await office.publish_promotion(PublishPromotionRequest(promotion=...))

Answers, request ids and doubt are as with `TillClient`; `abandon` and `outcome` work here too.
"""

from loyalty.client.answers import Answer
from loyalty.client.caller import Caller
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as till


class BackOffice(Caller):
    """One back office."""

    # Commands: executed at most once, whatever happens on the way.

    async def define_programme(
        self, request: bo.DefineProgrammeRequest, *, until_definite: bool = False
    ) -> Answer[changes.DefineDone]:
        """Publish a programme's rules."""
        return await self.call("DefineProgramme", request, until_definite)

    async def define_store(
        self, request: bo.DefineStoreRequest, *, until_definite: bool = False
    ) -> Answer[changes.DefineDone]:
        """Register or change a store."""
        return await self.call("DefineStore", request, until_definite)

    async def define_partner(
        self, request: bo.DefinePartnerRequest, *, until_definite: bool = False
    ) -> Answer[changes.DefineDone]:
        """Register or change a partner."""
        return await self.call("DefinePartner", request, until_definite)

    async def publish_promotion(
        self, request: bo.PublishPromotionRequest, *, until_definite: bool = False
    ) -> Answer[changes.DefineDone]:
        """Publish a promotion, or its next version."""
        return await self.call("PublishPromotion", request, until_definite)

    async def pause_promotion(
        self, request: bo.PausePromotionRequest, *, until_definite: bool = False
    ) -> Answer[changes.DefineDone]:
        """Stop a promotion, or let it go on."""
        return await self.call("PausePromotion", request, until_definite)

    async def issue_coupon(
        self, request: bo.IssueCouponRequest, *, until_definite: bool = False
    ) -> Answer[changes.IssueCouponDone]:
        """Make a coupon."""
        return await self.call("IssueCoupon", request, until_definite)

    async def adjust(
        self, request: bo.AdjustRequest, *, until_definite: bool = False
    ) -> Answer[changes.AdjustDone]:
        """Give points, or take them."""
        return await self.call("Adjust", request, until_definite)

    async def change_member(
        self, request: bo.ChangeMemberRequest, *, until_definite: bool = False
    ) -> Answer[changes.ChangeMemberDone]:
        """Change what is known of a person."""
        return await self.call("ChangeMember", request, until_definite)

    async def merge_members(
        self, request: bo.MergeMembersRequest, *, until_definite: bool = False
    ) -> Answer[changes.MergeMembersDone]:
        """Two members are one person."""
        return await self.call("MergeMembers", request, until_definite)

    # Questions: they see everything that was answered before.

    async def programme(self, request: bo.GetProgrammeRequest) -> Answer[bo.GetProgrammeDone]:
        """The rules in force."""
        return await self.call("GetProgramme", request)

    async def store(self, request: bo.GetStoreRequest) -> Answer[bo.GetStoreDone]:
        """A registered store."""
        return await self.call("GetStore", request)

    async def partner(self, request: bo.GetPartnerRequest) -> Answer[bo.GetPartnerDone]:
        """A registered partner, with what he has funded and issued."""
        return await self.call("GetPartner", request)

    async def promotion(self, request: bo.GetPromotionRequest) -> Answer[bo.GetPromotionDone]:
        """A promotion, with what it gave so far."""
        return await self.call("GetPromotion", request)

    async def promotions(self, request: bo.ListPromotionsRequest) -> Answer[bo.ListPromotionsDone]:
        """One page of the promotions in force."""
        return await self.call("ListPromotions", request)

    async def coupon(self, request: bo.GetCouponRequest) -> Answer[bo.GetCouponDone]:
        """A coupon."""
        return await self.call("GetCoupon", request)

    async def dry_run(self, request: bo.DryRunRequest) -> Answer[till.QuoteDone]:
        """A quote with promotions that nobody has published."""
        return await self.call("DryRun", request)
